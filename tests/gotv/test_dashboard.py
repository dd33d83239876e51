"""A phone bank's numbers: what they add up to, and who may see them."""

from datetime import timedelta

import pytest

from libs.chassis.tokens import Grant
from libs.database import Database
from libs.events.base import Event
from libs.events.gotv import SupporterIdentified
from libs.events.identity import OrganizationFounded
from libs.events.queue import HandLowered, HandRaised, LineSuppressed, VoterAssigned
from libs.events.results import CallSuperseded, Disposition, VolunteerOffered
from services.gotv import counting
from tests.gotv.opened import (
    ORGANIZER,
    bank_created,
    gotv_app,
    universe_entered,
    voter_imported,
)
from tests.gotv.test_views import ended
from tests.results.facts import dispositioned
from tests.results.moments import EVENING, at
from tests.support.backing import eventually

VOTERS = ("ann", "bob", "cid", "dee", "eve")
HOUSEHOLD = ("ann", "bob")
WEST = ("America/Los_Angeles",)


def handed_out(voter_id: str) -> VoterAssigned:
    return VoterAssigned(
        campaign_id="c1",
        voter_id=voter_id,
        voter_ids=(voter_id,),
        line_id=f"l-{voter_id}",
        assignment_id=f"a-{voter_id}",
        bank_id="b1",
        caller_id="casper",
        organization_id="o1",
        slot=1,
        script_version=1,
        assigned_at=at(-6),
        lease_expires_at=at(4),
    )


def hands() -> list[Event]:
    """Two go up, and a lead comes to the first."""
    told = {"campaign_id": "c1", "bank_id": "b1"}
    return [
        HandRaised(**told, caller_id="dora", organization_id="o1", raised_at=at(-9)),
        HandRaised(**told, caller_id="casper", organization_id="o1", raised_at=at(-5)),
        HandLowered(**told, caller_id="dora", by="lead", lowered_by="odile", lowered_at=at(-7)),
    ]


def an_evening() -> list[Event]:
    slip = dispositioned("cid", disposition="deceased", call_id="slip", called_at=at(-90))
    return [
        bank_created(),
        OrganizationFounded(
            organization_id="o1", slug="dvc", name="DVC Palo Alto", help_contact="help@example.org"
        ),
        universe_entered(*VOTERS),
        *(voter_imported(voter) for voter in VOTERS[:-1]),
        voter_imported("eve", zones=WEST),
        dispositioned("ann", voter_ids=HOUSEHOLD, spoke_with="other_voter", called_at=at(-5)),
        dispositioned(
            "bob",
            voter_ids=HOUSEHOLD,
            spoke_with="voter",
            disposition="canvassed",
            support=2,
            volunteer=True,
            called_at=at(-5),
        ),
        handed_out("dee"),
        *hands(),
        VolunteerOffered(
            campaign_id="c1",
            voter_id="bob",
            call_id="call-bob",
            bank_id="b1",
            caller_id="casper",
            organization_id="o1",
            offered_at=at(-5),
        ),
        SupporterIdentified(
            campaign_id="c1", voter_id="bob", level=2, call_id="call-bob", answered_at=at(-5)
        ),
        slip,
        dispositioned(
            "cid",
            spoke_with="voter",
            disposition="refused",
            support=0,
            caller_id="dora",
            called_at=at(-80),
        ),
        CallSuperseded(**slip.model_dump(), by_call_id="call-cid"),
        ended("ann", due_at=at(1200)),
        ended("bob", due_at=None, disposition="canvassed"),
        LineSuppressed(
            campaign_id="c1",
            line_id="l-cid",
            voter_id="cid",
            voter_ids=("cid",),
            reason="refused",
        ),
    ]


async def test_the_figures_are_the_evenings(database: Database) -> None:
    async with gotv_app(database, an_evening()) as gotv:
        answer = await gotv.get("/gotv/phone-banks/b1/dashboard", ORGANIZER)
    assert answer.status_code == 200
    said = answer.json()
    ended_as = {"not_home": 1, "canvassed": 1, "refused": 1}
    assert said == {
        "calls": 3,
        "attempts": 2,
        "dials": 2,
        "contacts": 2,
        "conversations": 2,
        "ids": 1,
        "support": {"1": 0, "2": 1, "3": 0, "4": 0, "5": 0, "unsure": 1},
        "dispositions": {each.value: 0 for each in Disposition} | ended_as,
        "volunteers": 1,
        "supporters": 1,
        "voters_reached": 2,
        "callers_active": 1,
        "hands": {
            "raised": 1,
            "since": "2026-10-06T22:55:00Z",
            "latest": "2026-10-06T22:55:00Z",
        },
        "calls_last_hour": 2,
        "organizations": [
            {"organization_id": "o1", "name": "DVC Palo Alto", "calls": 3, "callers_active": 1}
        ],
        "series": {
            "begins_at": (EVENING - timedelta(minutes=80)).timestamp(),
            "step_seconds": 600,
            "dials": [1, 0, 0, 0, 0, 0, 0, 1, 0],
            "contacts": [1, 0, 0, 0, 0, 0, 0, 1, 0],
        },
        "left": {
            "now": 1,
            "later": 2,
            "exhausted": 2,
            "why": {"being_called": 1, "resting": 1, "attempts": 1, "refused": 1},
        },
        "pace": {"calls_an_hour": 2, "hours_left": None},
        "as_of": "2026-10-06T23:00:00Z",
    }


async def test_outside_the_voters_hours_nobody_is_left_now(database: Database) -> None:
    """At 03:00 UTC it is night in New York, and 20:00 in Los Angeles."""
    async with gotv_app(database, an_evening()) as gotv:
        gotv.clock.time = EVENING + timedelta(hours=4)
        said = (await gotv.get("/gotv/phone-banks/b1/dashboard", ORGANIZER)).json()
    assert said["left"] == {
        "now": 1,
        "later": 2,
        "exhausted": 2,
        "why": {"outside_hours": 1, "resting": 1, "attempts": 1, "refused": 1},
    }
    assert (said["callers_active"], said["calls_last_hour"]) == (0, 0)


async def test_practice_counts_made_up_voters_at_any_hour(database: Database) -> None:
    facts = [
        bank_created(practice=True),
        universe_entered("ann", "bob"),
        voter_imported("ann"),
        voter_imported("bob", fictional=False),
    ]
    async with gotv_app(database, facts) as gotv:
        gotv.clock.time = EVENING + timedelta(hours=9)
        said = (await gotv.get("/gotv/phone-banks/b1/dashboard", ORGANIZER)).json()
    assert said["left"] == {"now": 1, "later": 0, "exhausted": 0, "why": {}}


async def test_only_the_campaigns_own_people_see_them(database: Database) -> None:
    async with gotv_app(database, [bank_created()]) as gotv:
        for path in ("dashboard", "dashboard/live", "live"):
            place = f"/gotv/phone-banks/b1/{path}"
            assert (await gotv.http.get(place)).status_code == 401
            stranger = await gotv.get(place, Grant("organizer", campaign_id="c2"))
            assert (stranger.status_code, stranger.json()["type"]) == (403, "/problems/not-allowed")
            assert (await gotv.get(place, Grant("caller", campaign_id="c1"))).status_code == 403
        unknown = await gotv.get("/gotv/phone-banks/b9/dashboard", ORGANIZER)
        assert (unknown.status_code, unknown.json()["type"]) == (
            404,
            "/problems/no-such-phone-bank",
        )


async def test_who_is_left_follows_while_the_board_is_read(database: Database) -> None:
    facts = [bank_created(), universe_entered("ann", "bob"), *map(voter_imported, ("ann", "bob"))]
    async with gotv_app(database, facts) as gotv:

        async def left() -> dict[str, int]:
            said = (await gotv.get("/gotv/phone-banks/b1/dashboard", ORGANIZER)).json()
            return {name: said["left"][name] for name in ("now", "later", "exhausted")}

        assert await left() == {"now": 2, "later": 0, "exhausted": 0}
        await gotv.folding.take([ended("ann", due_at=at(60))])

        async def followed() -> bool:
            return await left() == {"now": 1, "later": 1, "exhausted": 0}

        await eventually(followed, saying="the count follows the attempt")


async def test_a_count_that_nobody_asked_for_in_a_while_is_made_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "LEFT_SECONDS_SHOWN", 0.0)
    facts = [bank_created(), universe_entered("ann", "bob"), *map(voter_imported, ("ann", "bob"))]
    async with gotv_app(database, facts) as gotv:
        board = "/gotv/phone-banks/b1/dashboard"
        assert (await gotv.get(board, ORGANIZER)).json()["left"]["now"] == 2
        await gotv.folding.take([ended("ann", due_at=at(60))])
        assert (await gotv.get(board, ORGANIZER)).json()["left"]["now"] == 1
