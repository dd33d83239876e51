"""A campaign's overview: the sums of its banks, callers by state and organization, live."""

from typing import Any

from libs.chassis.tokens import Grant
from libs.database import Database
from libs.events.base import Event
from libs.events.queue import (
    HandLowered,
    HandRaised,
    LineSuppressed,
    PhoneBankClosed,
    PhoneBankOpened,
)
from tests.gotv.opened import (
    ORGANIZER,
    bank_created,
    campaign_created,
    gotv_app,
    universe_entered,
    voter_imported,
)
from tests.gotv.test_rare_views import assigned
from tests.gotv.watching import Watcher
from tests.results.facts import dispositioned
from tests.results.moments import at
from tests.results.opened import bearer
from tests.support.backing import eventually

BOARD = "/gotv/campaigns/c1/dashboard"
ODILE = bearer("odile", ORGANIZER)


def two_states() -> list[Event]:
    return [
        campaign_created(),
        bank_created(),
        bank_created(bank_id="b2", name="Ohio calls", state="OH", universe_id="u2"),
        PhoneBankOpened(campaign_id="c1", bank_id="b2"),
        bank_created(bank_id="b9", campaign_id="c2", state="NJ"),
        universe_entered("ann", "bob"),
        universe_entered("bob", universe_id="u2"),
        voter_imported("ann"),
        voter_imported("bob"),
        # Casper calls in both states, Dora on her own.
        assigned("ann", assigned_at=at(-9)),
        assigned("bob", bank_id="b2", assignment_id="a2", assigned_at=at(-1)),
        assigned(
            "cid",
            bank_id="b2",
            assignment_id="a3",
            caller_id="dora",
            organization_id=None,
            assigned_at=at(-1),
        ),
        dispositioned("ann", called_at=at(-8)),
        dispositioned(
            "cid",
            bank_id="b2",
            organization_id=None,
            spoke_with="voter",
            disposition="canvassed",
            support=1,
            called_at=at(-2),
        ),
        dispositioned("zoe", bank_id="b9", campaign_id="c2", support=5),
    ]


async def test_a_campaign_is_the_sum_of_its_banks(database: Database) -> None:
    async with gotv_app(database, two_states()) as gotv:
        said = (await gotv.get(BOARD, ORGANIZER)).json()
        assert (said["calls"], said["contacts"], said["ids"]) == (2, 1, 1)
        assert said["support"]["1"] == 1
        assert said["support"]["5"] == 0, "of another campaign"
        assert said["callers_active"] == 2
        assert said["states"] == [
            {"state": "OH", "callers_active": 2},
            {"state": "PA", "callers_active": 1},
        ]
        assert said["organizations"] == [
            {"organization_id": "o1", "name": None, "calls": 1, "callers_active": 1},
            {"organization_id": None, "name": None, "calls": 1, "callers_active": 1},
        ]
        assert sum(said["series"]["dials"]) == 2
        lines = {line["bank_id"]: line for line in said["phone_banks"]}
        assert lines.keys() == {"b1", "b2"}
        assert (lines["b2"]["status"], lines["b2"]["contacts"]) == ("open", 1)
        assert (lines["b1"]["calls"], lines["b1"]["callers_active"]) == (1, 1)


async def test_each_bank_tells_of_its_own_hands(database: Database) -> None:
    up = {"organization_id": None, "raised_at": at(-3)}
    down = {"by": "lead", "lowered_by": "odile", "lowered_at": at(-1)}
    dora = {"campaign_id": "c1", "bank_id": "b2", "caller_id": "dora"}
    elsewhere = HandRaised(campaign_id="c2", bank_id="b9", caller_id="cy", **up)
    async with gotv_app(database, [*two_states(), HandRaised(**dora, **up), elsewhere]) as gotv:

        async def hands() -> dict[str, int]:
            lines = (await gotv.get(BOARD, ORGANIZER)).json()["phone_banks"]
            return {line["bank_id"]: line["hands"]["raised"] for line in lines}

        assert await hands() == {"b1": 0, "b2": 1}
        await gotv.folding.take([HandLowered(**dora, **down)])
        assert await hands() == {"b1": 0, "b2": 0}


async def test_what_comes_from_practice_is_told(database: Database) -> None:
    practice = [
        bank_created(bank_id="trial", practice=True),
        *(dispositioned(voter, bank_id="trial", call_id=voter) for voter in ("eve", "fay", "gus")),
    ]
    async with gotv_app(database, two_states()) as gotv:
        said = (await gotv.get(BOARD, ORGANIZER)).json()
        assert (said["calls"], said["practice_calls"]) == (2, 0)
        await gotv.folding.take(practice)
        said = (await gotv.get(BOARD, ORGANIZER)).json()
        assert (said["calls"], said["practice_calls"]) == (5, 3)


async def test_who_is_left_in_each_bank_follows(database: Database) -> None:
    async with gotv_app(database, two_states()) as gotv:

        async def counted() -> bool:
            said: dict[str, Any] = (await gotv.get(BOARD, ORGANIZER)).json()
            left = {line["bank_id"]: line["left"] for line in said["phone_banks"]}
            assert all(left.values())
            assert (left["b1"]["now"], left["b1"]["why"]) == (1, {"being_called": 1})
            assert left["b2"]["later"] == 1
            return True

        await eventually(counted, saying="both banks are counted beside the board")


async def test_who_is_left_in_the_campaign_is_the_sum_of_banks_that_go_on(
    database: Database,
) -> None:
    let_go = LineSuppressed(
        campaign_id="c1",
        line_id="l-bob",
        voter_id="bob",
        voter_ids=("bob",),
        reason="refused",
    )
    async with gotv_app(database, [*two_states(), let_go]) as gotv:

        async def left_of(*, counted: int) -> dict[str, Any]:
            async def said() -> dict[str, Any]:
                left: dict[str, Any] = (await gotv.get(BOARD, ORGANIZER)).json()["left"]
                assert left["banks_counted"] == counted, left
                return left

            return await eventually(said, saying="the banks are counted beside the board")

        # Bob is in both universes, and counted in both.
        left = await left_of(counted=2)
        assert (left["exhausted"], left["why"]["refused"], left["banks"]) == (2, 2, 2)
        assert left["now"] + left["later"] == 1
        assert sum(left["why"].values()) == left["later"] + left["exhausted"]
        await gotv.folding.take([PhoneBankClosed(campaign_id="c1", bank_id="b2")])
        left = await left_of(counted=1)
        assert (left["exhausted"], left["why"]["refused"], left["banks"]) == (1, 1, 1)


async def test_the_overview_moves_by_itself(database: Database) -> None:
    async with (
        gotv_app(database, two_states()) as gotv,
        Watcher(gotv.app, f"{BOARD}/live", ODILE) as watcher,
    ):
        first_id, first = await watcher.next()
        assert first["calls"] == 2
        await gotv.folding.take([dispositioned("bob", bank_id="b2", call_id="new")])
        await watcher.until(lambda said: said["calls"] == 3)
        assert int(first_id.partition("-")[0]) > 0


async def test_only_the_campaigns_own_people_see_it(database: Database) -> None:
    async with gotv_app(database, two_states()) as gotv:
        for path in (BOARD, f"{BOARD}/live"):
            assert (await gotv.http.get(path)).status_code == 401
            assert (await gotv.get(path, Grant("caller", campaign_id="c1"))).status_code == 403
            assert (await gotv.get(path, Grant("organizer", campaign_id="c2"))).status_code == 403


async def test_a_campaign_without_a_bank_is_all_noughts(database: Database) -> None:
    async with gotv_app(database, [campaign_created()]) as gotv:
        said = (await gotv.get(BOARD, ORGANIZER)).json()
        assert (said["calls"], said["phone_banks"], said["states"]) == (0, [], [])
        page = (await gotv.get("/campaigns/c1", ORGANIZER)).text
        assert "No phone bank yet" in page
