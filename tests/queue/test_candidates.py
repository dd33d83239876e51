"""Filling a block again and again: what MongoDB is asked for, what is noticed, what stays open."""

from collections import Counter as Tally
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from libs.chassis.problems import Unavailable
from libs.database import connect
from libs.hours import DEFAULT_HOURS
from services.queue import blocks
from services.queue.app import create_app
from services.queue.blocks import Block
from services.queue.candidates import SEARCH_KEPT, Candidates
from services.queue.handout import Handout
from services.queue.views.searches import COLLECTION, Search
from tests.queue.asking import ask, skip
from tests.queue.house import CAMPAIGN, UNIVERSE, House
from tests.queue.lines import CENTRAL, EASTERN, at
from tests.queue.web import SETTINGS
from tests.support.backing import eventually

pytestmark = pytest.mark.real

MOUNTAIN = "America/Denver"
VOTERS = 200
A_MOMENT = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _small_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few made-up voters do for many."""
    monkeypatch.setattr(blocks, "ROWS_AT_ONCE", blocks.LINES_MIN)


def voters(count: int, named: str = "v") -> dict[str, Sequence[str]]:
    return {f"{named}-line{n}": [f"{named}{n}"] for n in range(count)}


def block_of(handout: Handout) -> Block:
    return Block("bank", handout._sources)


def ready(block: Block) -> list[str]:
    return [entry.line_id for entry in block._ready]


async def rows_read(house: House) -> int:
    """How many rows MongoDB gave to searches since `house.database` was told to keep a profile."""
    of_a_search = {"$exists": True}
    asked = {
        "ns": f"{house.database.name}.{COLLECTION}",
        "$or": [
            {"command.filter.free_at": of_a_search},
            {"originatingCommand.filter.free_at": of_a_search},
        ],
    }
    profile = await house.database["system.profile"].find(asked).to_list()
    assert profile
    return sum(each["nreturned"] for each in profile)


async def open_cursors(house: House) -> list[int]:
    """The cursors over voters that MongoDB keeps for somebody."""
    ours = {"type": "idleCursor", "ns": f"{house.database.name}.{COLLECTION}"}
    pipeline = [{"$currentOp": {"idleCursors": True, "allUsers": True}}, {"$match": ours}]
    answer = await house.database.client["admin"].command(
        "aggregate", 1, pipeline=pipeline, cursor={}
    )
    return [each["cursor"]["cursorId"] for each in answer["cursor"]["firstBatch"]]


async def no_filling(block: Block) -> None:
    async def done() -> bool:
        return block._filling is None

    await eventually(done, saying="nobody fills the block")


async def no_cursor_is_left(house: House) -> None:
    async def none() -> bool:
        assert await open_cursors(house) == []
        return True

    await eventually(none, saying="no cursor is open")


# How much is read


async def test_fills_read_every_row_once(house: House) -> None:
    await house.import_voters(voters(VOTERS))
    await house.open_bank()
    block = block_of(house.handout())
    await house.database.command("profile", 2)
    fills = 20
    for _ in range(fills):
        assert await block.filled() == blocks.LINES_MIN
    assert len(set(ready(block))) == fills * blocks.LINES_MIN
    assert await rows_read(house) <= fills * blocks.LINES_MIN


async def test_a_crowd_is_served_with_few_rows_more_than_voters(house: House) -> None:
    """No row has heard of any lease: a search that began anew would skip over all of them."""
    await house.import_voters(voters(VOTERS))
    await house.open_bank()
    handout = house.handout()
    await house.database.command("profile", 2)
    served = VOTERS // 2
    for n in range(served):
        await ask(house, handout, f"c{n}")
    await no_filling(handout._blocks["bank"])
    at_hand = len(handout._blocks["bank"]._ready)
    assert await rows_read(house) <= served + at_hand + blocks.LINES_MIN


async def test_one_fill_reads_no_more_than_it_may(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is reserved elsewhere; the next fill goes on behind what this one looked at."""
    monkeypatch.setattr(blocks, "ROWS_PER_FILL_MAX", 16)
    await house.import_voters(voters(60))
    await house.open_bank()
    other = block_of(house.handout())
    other._waiting = 60
    await other.filled()
    block = block_of(house.handout())
    await house.database.command("profile", 2)
    assert await block.filled() == blocks.LINES_MIN
    assert await rows_read(house) == 16


async def test_what_was_looked_at_and_not_needed_comes_next(house: House) -> None:
    """The first eight are another's: sixteen are looked at next, and eight of those are taken."""
    await house.import_voters(voters(24))
    await house.open_bank()
    await block_of(house.handout()).filled()
    block = block_of(house.handout())
    await house.database.command("profile", 2)
    assert [await block.filled() for _ in range(2)] == [8, 8]
    assert set(ready(block)) == {f"v-line{n}" for n in range(8, 24)}
    assert await rows_read(house) == 24


async def test_lines_of_others_are_taken_when_an_earlier_fill_passed_over_them(
    house: House,
) -> None:
    await house.import_voters(voters(16))
    await house.open_bank()
    await block_of(house.handout()).filled()
    block = block_of(house.handout())
    assert [await block.filled() for _ in range(3)] == [8, 8, 0]
    assert set(ready(block)) == set(voters(16))


async def test_two_banks_over_the_same_voters_have_lines_of_their_own(house: House) -> None:
    """In one process, too: else the slower one is given what the other is about to hand out."""
    await house.import_voters(voters(40))
    await house.open_bank("bank")
    await house.open_bank("other")
    handout = house.handout()
    one, two = (Block(bank_id, handout._sources) for bank_id in ("bank", "other"))
    for _ in range(2):
        await one.filled()
        await two.filled()
    assert len({*ready(one), *ready(two)}) == 4 * blocks.LINES_MIN


# What is noticed


async def test_an_end_reached_by_going_on_is_looked_behind_once(house: House) -> None:
    await house.import_voters(voters(12))
    await house.open_bank()
    block = block_of(house.handout())
    assert [await block.filled() for _ in range(2)] == [8, 4]
    await house.import_voters(voters(1, "new"))
    assert await block.filled() == 1
    assert "new-line0" in ready(block)


async def test_a_line_let_go_is_found_again_where_the_search_has_passed(house: House) -> None:
    await house.import_voters(voters(12))
    await house.open_bank()
    block = block_of(house.handout())
    await block.filled()
    first = block.take("casper", house.clock())
    assert first is not None
    block.dropped(first, house.clock())  # It may be tried again at once.
    house.clock.forward(seconds=1)
    assert await block.filled() == 5
    assert first.line_id in ready(block)


async def test_fresh_voters_go_before_retries_once_the_search_is_old(house: House) -> None:
    await house.import_voters(voters(30))
    await house.open_bank()
    caller = house.handout()
    for n in range(30):
        shown = await ask(house, caller, f"c{n}")
        await house.call_ended(shown.assigned)
    house.clock.at = at(7, 13)
    await house.import_voters(voters(1, "one"))
    block = block_of(house.handout())
    await block.filled()
    assert ready(block)[0] == "one-line0"
    await house.import_voters(voters(1, "two"))
    house.clock.at += SEARCH_KEPT - A_MOMENT
    await block.filled()
    assert len(ready(block)) == 16
    assert "two-line0" not in ready(block)
    house.clock.at += A_MOMENT
    await block.filled()
    assert ready(block)[16] == "two-line0"


async def test_a_released_line_comes_back_after_its_rest(house: House) -> None:
    await house.import_voters(voters(40))
    await house.open_bank()
    handout = house.handout()
    released = await ask(house, handout)
    await skip(house, released)
    block = block_of(house.handout())
    await block.filled()
    house.clock.forward(minutes=11)
    block.sweep(house.clock())
    assert [await block.filled() for _ in range(5)] == [8] * 5
    assert released.assigned.line_id in ready(block)


async def test_a_zone_that_closed_is_not_read_any_further(house: House) -> None:
    await house.import_voters(voters(20, "central"), zones=(CENTRAL,))
    await house.import_voters(voters(6, "mountain"), zones=(MOUNTAIN,))
    await house.open_bank()
    last_minutes = timedelta(minutes=DEFAULT_HOURS.last_hand_out_minutes)
    house.clock.at = at(6, 22) - last_minutes - A_MOMENT
    block = block_of(house.handout())
    await block.filled()
    before = zones_of(ready(block))["central"]
    assert before
    house.clock.at += A_MOMENT
    await block.filled()
    assert zones_of(ready(block)) == {"central": before, "mountain": 6}
    assert not block._avoided  # Nobody else of the closed zone was even looked up.


async def test_a_zone_that_opened_is_read_at_once(house: House) -> None:
    await house.import_voters(voters(20, "central"), zones=(CENTRAL,))
    await house.import_voters(voters(20, "eastern"), zones=(EASTERN,))
    await house.open_bank()
    house.clock.at = at(6, 10) - A_MOMENT
    block = block_of(house.handout())
    await block.filled()
    assert zones_of(ready(block)) == {"eastern": blocks.LINES_MIN}
    house.clock.at += A_MOMENT
    await block.filled()
    assert "central" in zones_of(ready(block))


def zones_of(line_ids: list[str]) -> Tally[str]:
    return Tally(line_id.partition("-")[0] for line_id in line_ids)


# What stays open


async def test_an_idle_block_has_no_cursor(house: House) -> None:
    await house.import_voters(voters(VOTERS))
    await house.open_bank()
    block = block_of(house.handout())
    await block.filled()
    assert len(await open_cursors(house)) == 1
    await no_filling(block)
    block.sweep(house.clock())
    assert len(await open_cursors(house)) == 1
    house.clock.at += SEARCH_KEPT
    block.sweep(house.clock())
    await no_cursor_is_left(house)
    assert await block.filled() == blocks.LINES_MIN


async def test_a_process_that_closes_leaves_no_cursor(house: House) -> None:
    await house.import_voters(voters(VOTERS))
    await house.open_bank()
    app = create_app(
        SETTINGS, log=house.log, database=house.database, now=house.clock, vault=house.people
    )
    async with app.router.lifespan_context(app):
        await ask(house, app.state.handout)
        assert len(await open_cursors(house)) == 1
    assert await open_cursors(house) == []


async def test_looking_for_a_language_leaves_no_cursor(house: House) -> None:
    await house.import_voters(voters(30))
    await house.open_bank()
    # Made so by hand: it takes a call a voter otherwise.
    await house.database[COLLECTION].update_many({}, {"$set": {"language": "es"}})
    block = block_of(house.handout())
    await block.wake(["es"])
    assert len(block._spoken["es"]) == blocks.LINES_MIN
    await no_cursor_is_left(house)


async def test_after_an_error_nothing_is_open_and_nothing_is_skipped(house: House) -> None:
    await house.import_voters(voters(VOTERS))
    await house.open_bank()

    class Away:
        async def cards(self, *_: Any, **__: Any) -> None:
            raise Unavailable("The vault of voters does not answer.")

    handout = house.handout()
    block = block_of(handout)
    vault, handout._sources.preparation._vault = house.people, Away()  # type: ignore[assignment]  # a port of one method.
    with pytest.raises(Unavailable):
        await block.filled()
    await no_cursor_is_left(house)
    handout._sources.preparation._vault = vault
    await no_filling(block)
    await block.filled()
    assert ready(block) == list(voters(blocks.LINES_MIN))


# Either driver


@pytest.fixture(params=["pymongo", "motor"])
async def candidates(
    request: pytest.FixtureRequest, house: House, mongodb_url: str
) -> AsyncIterator[Candidates]:
    """Of thirty voters, through one of the drivers."""
    await house.import_voters(voters(30))
    client = connect(mongodb_url, driver=request.param)
    found = Candidates(client[house.database.name], house.background)
    yield found
    found.leave()
    await no_cursor_is_left(house)
    await client.close()


def a_search(house: House) -> Search:
    return Search(
        campaign_id=CAMPAIGN,
        bank_id="bank",
        universe_id=UNIVERSE,
        practice=False,
        zone_keys=(EASTERN,),
        at=house.clock(),
    )


async def all_of(candidates: Candidates) -> list[str]:
    found: list[str] = []
    while rows := await candidates.take(7):
        found.extend(row["voter_id"] for row in rows)
    return found


async def test_each_row_is_given_once_and_what_is_put_back_first(
    house: House, candidates: Candidates
) -> None:
    everybody = [f"v{n}" for n in range(30)]
    candidates.resume(a_search(house), 10, 1_000)
    first = await candidates.take(4)
    assert [row["voter_id"] for row in first] == everybody[:4]
    candidates.put_back(first[2:])
    assert await all_of(candidates) == everybody[2:]
    candidates.resume(a_search(house), 10, 12)
    assert await all_of(candidates) == everybody[:12]
    candidates.resume(a_search(house), 10, 30)
    assert await all_of(candidates) == everybody[12:] + everybody[:12]


async def test_a_cursor_that_died_with_its_server_is_not_missed(
    house: House, candidates: Candidates
) -> None:
    candidates.resume(a_search(house), 10, 1_000)
    assert len(await candidates.take(10)) == 10
    cursors = await open_cursors(house)
    await house.database.command("killCursors", COLLECTION, cursors=cursors)
    candidates.resume(a_search(house), 10, 1_000)
    assert len(await all_of(candidates)) == 30
