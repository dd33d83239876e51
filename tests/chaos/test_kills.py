"""Sixty seconds of calls while every kind of process is killed: nothing lost, nothing twice."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.callers import log_in, sign_up
from deploy.embedded.elsewhere import Elsewhere
from libs.database import Client, connect
from tests.chaos.recount import dispositioned, overlapping_leases, version_holes
from tests.support.backing import eventually
from tests.support.phone_bankers import History, PhoneBanker
from tests.support.whole_house import practice_bank, verify, whole_house

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
SEED = 20261103


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Elsewhere]:
    async with whole_house(tmp_path / "house", DEMO_VOTERS="8000") as running:
        yield running


async def kill_until(stop: asyncio.Event, demo: Elsewhere, dice: random.Random) -> Counter[str]:
    killed: Counter[str] = Counter()
    while not stop.is_set():
        victim = VICTIMS[killed.total() % len(VICTIMS)]
        demo.send(victim, signal.SIGKILL)
        killed[victim] += 1
        try:
            async with asyncio.timeout(dice.uniform(*PAUSE_SECONDS)):
                await stop.wait()
        except TimeoutError:
            continue
    return killed


async def call_under_kills(demo: Elsewhere, bank_id: str) -> tuple[History, Counter[str]]:
    callers = await sign_up(demo.url, demo.mail_url, CALLERS)
    history, dice, stop = History(), random.Random(SEED), asyncio.Event()
    bankers = [
        PhoneBanker(f"c{n}", caller.token, demo.url, bank_id, history, random.Random(SEED + n))
        for n, caller in enumerate(callers)
    ]
    working = asyncio.gather(*(banker.work(stop) for banker in bankers))
    killing = asyncio.create_task(kill_until(stop, demo, dice))
    finished, _ = await asyncio.wait({working}, timeout=LOAD_SECONDS)
    stop.set()
    assert not finished or working.exception() is None
    await working
    return history, await killing


async def read(demo: Elsewhere, path: str, token: str) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=demo.url, timeout=30) as http:
        answer = await http.get(path, headers={"authorization": f"Bearer {token}"})
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def client(demo: Elsewhere) -> AsyncIterator[Client]:
    opened = connect(demo.addresses["MongoDB"])
    yield opened
    await opened.close()


async def test_nothing_is_lost_or_doubled_while_processes_die(
    demo: Elsewhere, client: Client
) -> None:
    bank_id = await practice_bank(demo)
    organizer = await log_in(demo.url, *demo.accounts["Organizer"])
    history, killed = await call_under_kills(demo, bank_id)
    print(f"{len(history.calls)} calls, {history.retries} retries, killed {dict(killed)}")
    assert killed.total() >= 10
    assert len(history.calls) >= 200, history.problems

    # Nobody repairs anything: the house comes to rest by itself, and verify finds nothing.
    async def at_rest() -> bool:
        code, words = await verify(demo)
        assert code == 0, words[-2000:]
        return True

    await eventually(at_rest, deadline_seconds=120, saying="verify finds nothing")

    # Every acknowledged command is in the log once.
    recorded = await dispositioned(client["phonebank_results"])
    for call_id, call in history.calls.items():
        told = {result["voter_id"]: result["disposition"] for result in call["results"]}
        stored = [(fact["voter_id"], fact["disposition"]) for fact in recorded[call_id]]
        assert sorted(stored) == sorted(told.items()), call_id
    assert set(recorded) == set(history.calls), "a call that nobody made"

    # No line was leased twice at once, and no log has a hole.
    assert await overlapping_leases(client["phonebank_queue"]) == []
    for service in ("identity", "voters", "queue", "results", "gotv"):
        assert await version_holes(client[f"phonebank_{service}"]) == [], service

    # The clients' own count is the tally's and the dashboard's.
    async def counted() -> bool:
        board = await read(demo, f"/gotv/phone-banks/{bank_id}/dashboard", organizer)
        shown = {name: n for name, n in board["dispositions"].items() if n}
        assert shown == dict(history.dispositions())
        support = {level: n for level, n in board["support"].items() if n}
        assert support == dict(history.support())
        return True

    await eventually(counted, deadline_seconds=60, saying="the dashboard agrees with the clients")
