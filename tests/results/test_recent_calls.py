"""The list of calls that leads look through, its pages, and whom it names to whom."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.chassis.tokens import Grant
from libs.database import Database
from libs.events.base import Event
from libs.events.identity import CampaignCreated
from libs.events.results import CallDispositioned
from libs.views.parking import Parking
from libs.views.runner import ViewRunner
from services.results.domain.call_commands import Result
from services.results.views.recent_calls import RecentCalls
from services.results.worker import VIEWS
from tests.gotv.opened import bank_created
from tests.results.facts import dispositioned, fold_all, interleaved, recorded
from tests.results.moments import EVENING, at
from tests.results.opened import results_app
from tests.results.test_call import NOT_HOME, REFUSED, call, record
from tests.results.test_correcting import DECEASED, correct
from tests.results.vault import person

LEAD = Grant("lead", campaign_id="c1")
ORGANIZER = Grant("organizer", campaign_id="c1")
CREATED: list[Event] = [
    CampaignCreated(campaign_id="c1", slug="marlowe", name="Marlowe for Pennsylvania"),
    bank_created(),
]


def corrected_call() -> list[Event]:
    """Deceased was a slip; a lead put it right."""
    ask = correct(NOT_HOME, 20, corrected_by="lea", is_lead=True)
    return list(call.done(record(DECEASED), ask).facts)


def rows_after(facts: Iterable[Event]) -> dict[str, dict[str, Any]]:
    every = recorded(facts)
    return fold_all(RecentCalls(), every + every)


def test_a_corrected_call_is_listed_once_with_what_it_was() -> None:
    (row,) = rows_after(corrected_call()).values()
    assert (row["disposition"], row["counts"], row["called_at"]) == ("not_home", True, at())
    assert row["corrected"] == {
        "at": at(20),
        "by": "lead",
        "corrected_by": "lea",
        "disposition_was": "deceased",
    }


def test_of_two_results_for_one_attempt_both_are_listed_and_one_counts() -> None:
    facts = call.done(record(NOT_HOME), record(REFUSED, called=at(1))).facts
    rows = rows_after(facts)
    assert {row["call_id"]: row["counts"] for row in rows.values()} == {
        "call": False,
        "other": True,
    }


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_order_of_arrival_leaves_a_trace(data: st.DataObject) -> None:
    bob = Result("bob", DECEASED.disposition, "other")
    more = call.done(record(bob, called=at(3)), correct(bob_home(), 4)).facts
    facts = recorded([*corrected_call(), *more, *evening()])
    straight = fold_all(RecentCalls(), facts)
    shuffled = fold_all(RecentCalls(), data.draw(interleaved(facts)))
    assert {key: row | {"rev": 0} for key, row in shuffled.items()} == {
        key: row | {"rev": 0} for key, row in straight.items()
    }


def bob_home() -> Result:
    return Result("bob", NOT_HOME.disposition, "nobody")


def evening() -> list[CallDispositioned]:
    """Seven calls in two banks, a minute apart."""
    return [
        dispositioned(
            f"voter{n}",
            call_id=f"a{n}-0",
            bank_id=f"b{1 + n % 2}",
            disposition="refused" if n == 4 else "canvassed",
            answers={"issue": "roads"} if n % 3 else {},
            called_at=at(100 + n),
        )
        for n in range(7)
    ]


async def fold(database: Database, facts: Iterable[Event]) -> None:
    parking = Parking(database, lambda: EVENING)
    for view in VIEWS:
        runner = ViewRunner(view, database, parking, lambda: EVENING)
        await runner.prepare()
        await runner.apply(recorded(facts))


@pytest.mark.real
async def test_calls_are_read_page_by_page_and_by_bank_ending_and_correction(
    database: Database,
) -> None:
    await fold(database, [*CREATED, *corrected_call(), *evening()])
    path = "/results/campaigns/c1/calls"

    async with results_app(database) as results:

        async def read(query: str = "") -> dict[str, Any]:
            answer = await results.get(f"{path}?{query}", LEAD)
            assert answer.status_code == 200, answer.text
            said: dict[str, Any] = answer.json()
            return said

        seen: list[str] = []
        cursor = ""
        while cursor is not None:
            page = await read(f"limit=3&cursor={cursor}")
            seen += [item["voter_id"] for item in page["items"]]
            cursor = page["next_cursor"]
        assert seen == [*(f"voter{n}" for n in reversed(range(7))), "ann"]
        by_bank = await read("bank=b2")
        assert [item["voter_id"] for item in by_bank["items"]] == ["voter5", "voter3", "voter1"]
        refused = await read("disposition=refused")
        assert [item["voter_id"] for item in refused["items"]] == ["voter4"]
        mended = (await read("corrected=true"))["items"]
        assert [item["corrected"]["disposition_was"] for item in mended] == ["deceased"]
        assert (await read("corrected=true&bank=b2"))["items"] == []
        assert [item["answers"] for item in by_bank["items"]] == [1, 0, 1]
        bad = await results.get(f"{path}?cursor=nonsense", LEAD)
        assert bad.json()["type"] == "/problems/cursor-invalid"


@pytest.mark.real
async def test_names_come_in_one_question_and_only_for_who_may_read_lists(
    database: Database,
) -> None:
    await fold(database, [*CREATED, *evening()])
    async with results_app(database) as results:
        results.vault.people["voter6"] = person("Wilma Sixpence")
        path = "/results/campaigns/c1/calls"
        lead = (await results.get(path, LEAD)).json()
        assert {item["voter_name"] for item in lead["items"]} == {None}
        assert results.vault.asked == []
        organizer = (await results.get(path, ORGANIZER)).json()
        assert organizer["items"][0]["voter_name"] == "Wilma Sixpence"
        ((_, question),) = results.vault.asked
        assert (question["purpose"], question["actor"]) == ("list", "lea")
        assert len(question["voter_ids"]) == 7


PAGES = ["/campaigns/c1/calls", "/campaigns/c1/calls/a1-0?voter=ann"]


@pytest.mark.real
@pytest.mark.parametrize("path", PAGES)
async def test_pages_and_list_are_for_who_may_correct_in_this_campaign(
    database: Database, path: str
) -> None:
    await fold(database, [*CREATED, *evening()])
    async with results_app(database) as results:
        page = await results.get(path, LEAD)
        assert page.status_code == 200
        assert "Marlowe for Pennsylvania" in page.text
        for grants in ((), (Grant("lead", campaign_id="c2"),), (Grant("auditor", "c1"),)):
            for asked in (path, "/results/campaigns/c1/calls"):
                refused = await results.get(asked, *grants)
                assert refused.status_code == 403
                assert "permission" in refused.text
        stranger = await results.http.get(path)
        assert stranger.status_code == 303
        assert stranger.headers["location"].startswith("/log-in?next=/campaigns/c1/calls")
        assert (await results.http.get("/results/campaigns/c1/calls")).status_code == 401
        unknown = await results.get("/campaigns/c2/calls", Grant("lead", campaign_id="c2"))
        assert unknown.status_code == 404


@pytest.mark.real
async def test_the_page_offers_the_campaigns_phone_banks(database: Database) -> None:
    await fold(database, [*CREATED, bank_created(bank_id="b9", campaign_id="c9", name="Theirs")])
    async with results_app(database) as results:
        page = (await results.get("/campaigns/c1/calls", LEAD)).text
        assert '<option value="b1">Evening calls</option>' in page
        assert "Theirs" not in page
