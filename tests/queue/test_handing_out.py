"""Many callers at once, several processes: no line to two callers, no caller with two lines."""

import asyncio
import random
from collections import Counter as Tally
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio

from libs.database import Document
from libs.decider import Refusal
from libs.eventstore.mongo import MongoLog
from services.queue.domain.errors import AllInProgress, Finished, NobodyToCall
from services.queue.showing import Shown
from tests.queue.house import House, caller

pytestmark = pytest.mark.real

LINES = 200


@pytest_asyncio.fixture
async def crowded(house: House) -> AsyncIterator[House]:
    """Two hundred lines, every fifth a household of two, over a log in MongoDB."""
    log = MongoLog(house.database, "queue.events")
    await log.prepare()
    await house.import_voters(
        {f"l{n}": [f"v{n}", f"w{n}"] if n % 5 == 0 else [f"v{n}"] for n in range(LINES)}
    )
    house.log = log
    await house.open_bank()
    yield house
    await log.close()


async def commits_of(house: House, kind: str) -> list[Document]:
    return await house.database["commits"].find({"facts.type": kind}).to_list()


async def test_five_hundred_requests_for_two_hundred_lines(crowded: House) -> None:
    """Everybody who asks is answered; every line goes out exactly once."""
    processes = [crowded.handout() for _ in range(3)]
    answers = await asyncio.gather(
        *(
            processes[n % 3].next("bank", caller(f"c{n}"), crowded.request(), None)
            for n in range(500)
        ),
        return_exceptions=True,
    )
    shown = [answer for answer in answers if isinstance(answer, Shown)]
    refused = [answer for answer in answers if not isinstance(answer, Shown)]
    # The rows have heard of nothing yet: to them everybody is still to be called.
    assert {type(answer) for answer in refused} == {AllInProgress}
    assert len(shown) == LINES
    assert len({each.assigned.line_id for each in shown}) == LINES
    assert len({each.assigned.caller_id for each in shown}) == LINES
    # What the log says, read as plain documents.
    commits = await commits_of(crowded, "queue.voter-assigned")
    assert Tally(commit["stream"] for commit in commits).most_common(1)[0][1] == 1
    assert len(commits) == LINES
    assert len({commit["claims"][0] for commit in commits}) == LINES


async def test_one_caller_with_twenty_tabs_gets_one_assignment(crowded: House) -> None:
    processes = [crowded.handout() for _ in range(2)]
    answers = await asyncio.gather(
        *(processes[n % 2].next("bank", caller(), crowded.request(), None) for n in range(20))
    )
    assert len({answer.assigned.assignment_id for answer in answers}) == 1
    assert sum(answer.created for answer in answers) == 1
    assert len(await commits_of(crowded, "queue.voter-assigned")) == 1


async def test_a_request_sent_to_both_processes_is_done_once(crowded: House) -> None:
    processes = [crowded.handout() for _ in range(2)]
    answers = await asyncio.gather(
        *(
            processes[n % 2].next(
                "bank", caller(f"c{n // 4}"), crowded.request(f"key{n // 4}"), None
            )
            for n in range(80)
        )
    )
    by_caller: dict[str, set[str]] = {}
    for answer in answers:
        assert answer.created
        by_caller.setdefault(answer.assigned.caller_id, set()).add(answer.assigned.line_id)
    assert len(by_caller) == 20
    assert all(len(lines) == 1 for lines in by_caller.values())
    assert len(await commits_of(crowded, "queue.voter-assigned")) == 20


async def test_nothing_is_lost_between_processes(crowded: House) -> None:
    """One process reserves all lines; the other's callers get them all the same."""
    reserving, other = crowded.handout(), crowded.handout()
    await reserving.next("bank", caller("first"), crowded.request(), None)
    block = reserving._blocks["bank"]
    block._waiting = LINES
    await block.filled()
    assert len(block._ready) > LINES / 2
    got = set()
    for n in range(LINES - 1):
        shown = await other.next("bank", caller(f"c{n}"), crowded.request(), None)
        got.add(shown.assigned.line_id)
    assert len(got) == LINES - 1
    with pytest.raises((AllInProgress, NobodyToCall, Finished)):
        await other.next("bank", caller("last"), crowded.request(), None)


async def test_an_evening_of_calls_by_a_crowd(crowded: House) -> None:
    """Callers take, skip, finish and fall silent in any order: leases never overlap."""
    processes = [crowded.handout() for _ in range(3)]
    dice = random.Random(20261006)
    held: dict[str, Shown] = {}

    async def ask(name: str) -> None:
        process = dice.choice(processes)
        try:
            shown = await process.next("bank", caller(name), crowded.request(uuid4().hex), None)
        except Refusal:
            return
        held[name] = shown

    for _ in range(12):
        await asyncio.gather(*(ask(f"c{n}") for n in range(60)))
        open_now = Tally(shown.assigned.line_id for shown in held.values())
        assert not open_now or open_now.most_common(1)[0][1] == 1
        for name in dice.sample(sorted(held), k=len(held) // 2):
            shown = held.pop(name)
            await crowded.call_ended(shown.assigned)
        crowded.clock.forward(minutes=1)
    assert len(await commits_of(crowded, "queue.attempt-ended")) > LINES / 2
