"""Sixty seconds of calls while every kind of process is killed: nothing lost, nothing twice."""

import asyncio
import contextlib
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.embedded.elsewhere import Elsewhere
from tests.chaos.promises import SEED, all_promises_held, callers_at_work
from tests.support.whole_house import practice_bank, whole_house

pytestmark = [pytest.mark.chaos, pytest.mark.real]

LOAD_SECONDS = 60.0
CALLERS = 24
VICTIMS = (
    "web",
    "relay",
    "worker-queue",
    "web",
    "worker-gotv",
    "clock",
    "relay",
    "worker-results",
    "worker-voters",
    "web",
)
PAUSE_SECONDS = (2.0, 5.0)


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Elsewhere]:
    async with whole_house(tmp_path / "house", DEMO_VOTERS="8000") as running:
        yield running


async def kill_until(stop: asyncio.Event, demo: Elsewhere) -> Counter[str]:
    killed: Counter[str] = Counter()
    dice = random.Random(SEED)
    while not stop.is_set():
        victim = VICTIMS[killed.total() % len(VICTIMS)]
        demo.send(victim, signal.SIGKILL)
        killed[victim] += 1
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(dice.uniform(*PAUSE_SECONDS)):
                await stop.wait()
    return killed


async def test_nothing_is_lost_or_doubled_while_processes_die(demo: Elsewhere) -> None:
    bank_id = await practice_bank(demo)
    async with callers_at_work(demo, bank_id, CALLERS) as history:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(LOAD_SECONDS, stop.set)
        killed = await kill_until(stop, demo)
    print(f"{len(history.calls)} calls, {history.retries} retries, killed {dict(killed)}")
    assert killed.total() >= 10
    assert len(history.calls) >= 200, history.problems
    await all_promises_held(demo, bank_id, history)
