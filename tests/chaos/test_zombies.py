"""A process that is paused, replaced, and wakes up sure of itself: it changes nothing."""

import asyncio
import contextlib
import random
import signal
import sys
from collections.abc import AsyncIterator

import httpx
import pytest

from bench.callers import log_in, sign_up
from deploy.embedded.elsewhere import Elsewhere
from tests.support.backing import eventually
from tests.support.phone_bankers import History, PhoneBanker
from tests.support.whole_house import practice_bank, verify

pytestmark = [pytest.mark.chaos, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

CALLS = 12
REPLACED_SECONDS_MAX = 90.0


@contextlib.asynccontextmanager
async def replacement(demo: Elsewhere, module: str) -> AsyncIterator[None]:
    """A second process of the same kind, started by hand: nobody would start it again."""
    log = demo.folder / f"replacement-{module}.log"
    with log.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module),
            env=demo.environment(),
            stdout=said,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        yield
        assert process.returncode is None, log.read_text()[-3_000:]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def calls_counted(demo: Elsewhere, token: str, bank_id: str) -> int:
    async with httpx.AsyncClient(base_url=demo.url, timeout=30) as http:
        headers = {"authorization": f"Bearer {token}"}
        answer = await http.get(f"/gotv/phone-banks/{bank_id}/dashboard", headers=headers)
        count: int = answer.json()["calls"]
        return count


async def make_calls(demo: Elsewhere, bank_id: str) -> int:
    """Record some calls; answers how many results they had."""
    caller = (await sign_up(demo.url, demo.mail_url, 1))[0]
    history, stop = History(), asyncio.Event()
    banker = PhoneBanker(
        caller.email, caller.token, demo.url, bank_id, history, random.Random(caller.email)
    )
    working = asyncio.create_task(banker.work(stop))

    async def enough() -> bool:
        assert len(history.calls) >= CALLS, (len(history.calls), history.problems, history.retries)
        return True

    await eventually(enough, deadline_seconds=60, saying=f"{CALLS} calls")
    stop.set()
    await working
    return history.dispositions().total()


@pytest.mark.parametrize(
    ("child", "module"),
    [("relay", "deploy.embedded.relay"), ("worker-gotv", "services.gotv.worker")],
)
async def test_a_zombie_changes_nothing(house: Elsewhere, child: str, module: str) -> None:
    bank_id = await practice_bank(house)
    organizer = await log_in(house.url, *house.accounts["Organizer"])
    before = await calls_counted(house, organizer, bank_id)
    paused = house.send(child, signal.SIGSTOP)
    try:
        async with replacement(house, module):
            wanted = before + await make_calls(house, bank_id)

            async def all_counted() -> bool:
                counted = await calls_counted(house, organizer, bank_id)
                assert counted == wanted, (counted, wanted)
                return True

            # Kafka gives a silent worker up after its session's 15 seconds.
            await eventually(
                all_counted, deadline_seconds=REPLACED_SECONDS_MAX, saying="the other took over"
            )
            house.pids[child] = paused
            house.send(child, signal.SIGCONT)
            wanted += await make_calls(house, bank_id)
            await eventually(all_counted, deadline_seconds=60, saying="both live, once counted")
    finally:
        house.send(child, signal.SIGCONT)

    async def nothing_found() -> bool:
        code, words = await verify(house)
        assert code == 0, words[-1500:]
        return True

    await eventually(nothing_found, deadline_seconds=90, saying="verify finds nothing")
    assert await calls_counted(house, organizer, bank_id) == wanted
