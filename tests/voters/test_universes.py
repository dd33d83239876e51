"""Universes: what a selection means, the funnel, and members that stay as they were."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.events.base import Event, Recorded
from libs.events.voters import UniverseDefined, UniverseEntered, UniverseLeft
from services.voters import universe_book
from services.voters.domain.errors import NoSuchUniverse, UniverseTaken
from services.voters.domain.universe import UNIVERSE, DefineUniverse, EnterVoters
from services.voters.views.universes import Universes
from tests.support.spec import spec
from tests.voters.exports import PARTY, PHONE, cells, changed, export, joined
from tests.voters.house import CAMPAIGN, OTHER_CAMPAIGN, House

DEFINED = UniverseDefined(
    campaign_id="c",
    universe_id="u",
    name="PA",
    selection={"state": "PA"},
    funnel=(),
    voters=2,
)


def entered(*voter_ids: str) -> UniverseEntered:
    return UniverseEntered(campaign_id="c", universe_id="u", voter_ids=voter_ids)


def define(*voter_ids: str, voters: int = 2) -> DefineUniverse:
    return DefineUniverse(
        campaign_id="c",
        universe_id="u",
        name="PA",
        selection={"state": "PA"},
        funnel=(),
        voters=voters,
        voter_ids=voter_ids,
    )


def test_defining_names_it_and_lets_its_voters_in() -> None:
    spec(UNIVERSE).when(define("a", "b")).then(DEFINED, entered("a", "b"))
    spec(UNIVERSE).given(DEFINED).when(define("a")).then_refused(UniverseTaken)


def test_a_fact_holds_at_most_a_thousand_voters() -> None:
    voters = tuple(f"v{n}" for n in range(2_001))
    _, *facts = spec(UNIVERSE).when(define(*voters)).facts()
    assert [len(fact.voter_ids) for fact in facts] == [1_000, 1_000, 1]
    assert tuple(voter for fact in facts for voter in fact.voter_ids) == voters


def test_a_member_does_not_enter_again() -> None:
    known = spec(UNIVERSE).given(DEFINED, entered("a", "b"))
    known.when(EnterVoters(("b", "c"))).then(entered("c"))
    known.when(EnterVoters(("a", "b"))).then()
    left = UniverseLeft(campaign_id="c", universe_id="u", voter_ids=("a",))
    known.given(left).when(EnterVoters(("a",))).then(entered("a"))
    spec(UNIVERSE).when(EnterVoters(("a",))).then_refused(NoSuchUniverse)


def test_the_view_counts_who_is_in() -> None:
    view, row = Universes(), None
    left = UniverseLeft(campaign_id="c", universe_id="u", voter_ids=("a",))
    for position, event in enumerate((DEFINED, entered("a", "b"), left, entered("c")), start=1):
        fact = recorded(event, position)
        assert list(view.keys(fact)) == ["u"]
        row = view.evolve(row, fact)
    assert row == {"campaign_id": "c", "name": "PA", "selection": {"state": "PA"}, "voters": 2}


def recorded(event: Event, position: int) -> Recorded:
    return Recorded(
        event=event,
        id=f"f{position}",
        stream="universe-u",
        version=position,
        at=datetime(2026, 10, 5, tzinfo=UTC),
        topic="voters.events",
        partition=0,
        position=position,
    )


async def ask(
    house: House, selection: dict[str, Any], *, key: str | None = None, **more: Any
) -> httpx.Response:
    body = {"campaign_id": CAMPAIGN, "name": "Likely", "selection": selection} | more
    return await house.http.post("/voters/universes", json=body, headers=house.headers(key=key))


def made_up(tmp_path: Path) -> bytes:
    """Six voters of whom everything that selections ask about is known."""
    rows = [row for row in cells(export(tmp_path, 200)[1]) if len(row) == 154 and row[2]][:6]
    people = (
        {"party": "D", "dob": "01/01/1990", "phone": "6105550101"},
        {"party": "D", "dob": "12/31/1960", "phone": "6105550102"},
        {"party": "D", "dob": "01/01/1992", "phone": ""},
        {"party": "R", "dob": "01/01/1990", "phone": "6105550103"},
        {"party": "", "dob": "01/01/1990", "phone": "6102640104"},
        {"party": "D", "dob": "01/01/1990", "phone": "6105550105"},
    )
    made = [changed(row, **person) for row, person in zip(rows, people, strict=True)]
    for row in made:
        row[9] = "A"
    made[5][9] = "D"
    assert (made[0][PARTY], made[0][PHONE]) == ("D", "6105550101")
    return joined(made)


@pytest.mark.real
async def test_the_funnel_says_how_many_each_condition_removed(
    house: House, tmp_path: Path
) -> None:
    await house.imported(made_up(tmp_path))
    selection = {
        "state": "pa",
        "parties": ["D"],
        "ages": {"from": 30, "to": 40},
        "has_phone": True,
        "fictional_only": True,
    }
    preview = await ask(house, selection, preview=True)
    assert preview.status_code == 200
    assert preview.json()["funnel"] == [
        {"condition": "on_file", "removed": 0, "left": 6},
        {"condition": "status", "removed": 1, "left": 5},
        {"condition": "state", "removed": 0, "left": 5},
        {"condition": "parties", "removed": 2, "left": 3},
        {"condition": "ages", "removed": 1, "left": 2},
        {"condition": "has_phone", "removed": 1, "left": 1},
        {"condition": "fictional_only", "removed": 0, "left": 1},
    ]
    assert not await house.facts("universe-defined")
    first, *_ = await house.voter_ids()
    defined = await ask(house, selection)
    assert defined.status_code == 201
    assert defined.json()["funnel"] == preview.json()["funnel"]
    assert [f["voter_ids"] for f in await house.facts("universe-entered")] == [[first]]
    nobody = await ask(house, {"parties": [""], "fictional_only": True})
    assert nobody.status_code == 422
    assert nobody.json()["type"] == "/problems/universe-empty"
    assert nobody.json()["funnel"][-1]["left"] == 0
    by_county = await ask(house, {"counties": ["nowhere"]}, preview=True)
    assert by_county.json()["voters"] == 0
    unsaid = await ask(house, {"parties": [""]}, preview=True)
    assert unsaid.json()["voters"] == 1


@pytest.mark.real
async def test_a_universe_stays_as_it_was_defined(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(universe_book, "VOTERS_PER_COMMIT", 100)
    written, content = export(tmp_path, 240)
    await house.imported(content)
    first = await ask(house, {"state": "PA"}, key="once")
    await house.imported(export(tmp_path, 260, seed=7)[1])
    again = await ask(house, {"state": "PA"}, key="once")
    assert first.json() == again.json()
    members = [voter for f in await house.facts("universe-entered") for voter in f["voter_ids"]]
    assert len(members) == len(set(members)) == written.voters == first.json()["voters"]
    path = f"/voters/universes/{first.json()['universe_id']}"
    read = await house.http.get(path, headers=house.headers(("organizer", CAMPAIGN)))
    assert read.json() == first.json() | {
        "campaign_id": CAMPAIGN,
        "name": "Likely",
        "selection": {"state": "PA"},
    }
    other = await ask(house, {"state": "OH"}, key="once")
    assert other.json()["type"] == "/problems/idempotency-key-reused"


@pytest.mark.real
async def test_a_definition_that_broke_off_is_completed_by_its_repeat(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(universe_book, "VOTERS_PER_COMMIT", 50)
    written, content = export(tmp_path, 180)
    await house.imported(content)
    append, commits = house.desk.log.append, []

    async def breaking(commit: Any) -> Any:
        """Let the first two commits through."""
        commits.append(commit)
        if len(commits) > 2:
            raise ConnectionError("the process ends here")
        return await append(commit)

    monkeypatch.setattr(house.desk.log, "append", breaking)
    with pytest.raises(ConnectionError):
        await ask(house, {}, key="once")
    monkeypatch.setattr(house.desk.log, "append", append)
    answer = await ask(house, {}, key="once")
    assert answer.json()["voters"] == written.voters
    members = [voter for f in await house.facts("universe-entered") for voter in f["voter_ids"]]
    assert len(members) == len(set(members)) == written.voters


@pytest.mark.real
async def test_who_may_define_universes(house: House, tmp_path: Path) -> None:
    await house.imported(made_up(tmp_path))
    body = {"campaign_id": CAMPAIGN, "name": "Likely", "selection": {}}
    allowed = {"organizer": 201, "data_manager": 201, "campaign_admin": 201}
    for role in ("caller", "lead", "organizer", "data_manager", "campaign_admin", "auditor"):
        headers = house.headers((role, CAMPAIGN))
        answer = await house.http.post("/voters/universes", json=body, headers=headers)
        assert answer.status_code == allowed.get(role, 403), role
        if answer.status_code == 201:
            path = f"/voters/universes/{answer.json()['universe_id']}"
            stranger = house.headers(("organizer", OTHER_CAMPAIGN))
            assert (await house.http.get(path, headers=stranger)).status_code == 404
    stranger = house.headers(("campaign_admin", OTHER_CAMPAIGN))
    refused = await house.http.post("/voters/universes", json=body, headers=stranger)
    assert refused.status_code == 403
    listing = "/voters/universes?campaign_id="
    assert (await house.http.get(listing + CAMPAIGN, headers=stranger)).status_code == 403
    nobody = await house.http.post("/voters/universes", json=body)
    assert nobody.status_code == 401


@pytest.mark.real
@pytest.mark.parametrize(
    "selection",
    [
        {"state": "Pennsylvania"},
        {"ages": {"from": 50, "to": 20}},
        {"ages": {"from": -1}},
        {"shoe_size": 9},
        {"parties": "D"},
    ],
)
async def test_a_selection_that_says_something_else_is_refused(
    house: House, selection: dict[str, Any]
) -> None:
    answer = await ask(house, selection)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
