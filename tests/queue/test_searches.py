"""The questions callers and clocks ask of the voters' rows: each by an index, whatever is there."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from libs.database import Database
from services.queue.views import searches
from services.queue.views.searches import COLLECTION, Search
from tests.queue.house import CAMPAIGN, UNIVERSE, House
from tests.queue.lines import EASTERN, MORNING

pytestmark = pytest.mark.real

VOTERS = 100
SEARCH = Search(
    campaign_id=CAMPAIGN,
    bank_id="bank",
    universe_id=UNIVERSE,
    practice=False,
    zone_keys=(EASTERN,),
    at=MORNING,
)


async def _by_language(views: Database) -> None:
    search = replace(SEARCH, language="es")
    for fresh in (True, False):
        await searches.candidates(views, search, fresh=fresh, batch=8).to_list()


async def _promised(views: Database) -> None:
    await searches.promised(views, "bank", SEARCH.at + timedelta(minutes=1))


async def _lapsed(views: Database) -> None:
    await searches.lapsed(views, SEARCH.at - timedelta(minutes=1), 100)


async def _zones(views: Database) -> None:
    assert await searches.zone_keys(views, CAMPAIGN, UNIVERSE) == (EASTERN,)


async def _of_one_line(views: Database) -> None:
    await searches.voters_on(views, CAMPAIGN, "line0")
    await searches.households(views, CAMPAIGN, ["line0"])


@pytest.mark.parametrize("ask", [_by_language, _promised, _lapsed, _zones, _of_one_line])
async def test_a_question_about_few_voters_looks_at_few(
    house: House, ask: Callable[[Database], Awaitable[None]]
) -> None:
    """A campaign has hundreds of thousands, and these are asked every few seconds."""
    await house.import_voters({f"line{n}": [f"v{n}"] for n in range(VOTERS)})
    await house.database.command("profile", 2)
    await ask(house.database)
    asked = {"ns": f"{house.database.name}.{COLLECTION}"}
    profile = await house.database["system.profile"].find(asked).to_list()
    assert profile
    assert sum(each["docsExamined"] for each in profile) <= 2
    assert sum(each["keysExamined"] for each in profile) <= 4


async def test_callers_who_are_refused_together_have_the_voters_counted_once(house: House) -> None:
    """The end of an evening: hundreds ask, and the whole universe is looked through for them."""
    await house.open_bank()
    await house.import_voters({f"line{n}": [f"v{n}"] for n in range(VOTERS)})
    handout = house.handout()
    bank = await handout.banks.get("bank")
    await house.database.command("profile", 2)
    found = await asyncio.gather(*(handout.reasons.figures(bank.created) for _ in range(20)))
    assert [sum(each.now for each in figures) for figures in found] == [VOTERS] * 20
    # Its fourth stage tells it from the count of who has arrived.
    counts = {"ns": f"{house.database.name}.{COLLECTION}", "command.pipeline.3": {"$exists": True}}
    assert await house.database["system.profile"].count_documents(counts) == 1


async def test_callers_who_wait_for_one_count_hear_its_error_together(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or each would wait for a database that is away as long as all before it together."""
    await house.open_bank()
    handout = house.handout()
    bank = await handout.banks.get("bank")
    tried = []

    async def away(*_: object) -> None:
        tried.append(1)
        await asyncio.sleep(0)
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(searches, "figures", away)
        asking = (handout.reasons.figures(bank.created) for _ in range(20))
        heard = await asyncio.gather(*asking, return_exceptions=True)
    assert {type(each) for each in heard} == {ConnectionError}
    assert len(tried) == 1
    assert await handout.reasons.figures(bank.created) == ()
