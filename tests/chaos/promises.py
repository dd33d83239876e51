"""Callers at work on a whole house, and what must be true of it afterwards, whatever was done."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from bench.callers import log_in, sign_up
from deploy.embedded.elsewhere import Elsewhere
from libs.database import connect
from tests.chaos.recount import dispositioned, overlapping_leases, version_holes
from tests.support.backing import eventually
from tests.support.phone_bankers import History, PhoneBanker
from tests.support.whole_house import verify

SEED = 20261103
REST_SECONDS_MAX = 150.0


@asynccontextmanager
async def callers_at_work(demo: Elsewhere, bank_id: str, callers: int) -> AsyncIterator[History]:
    """They call inside without a pause; a call that was begun is finished before this ends."""
    people = await sign_up(demo.url, demo.mail_url, callers)
    history, stop = History(), asyncio.Event()
    bankers = [
        PhoneBanker(f"c{n}", person.token, demo.url, bank_id, history, random.Random(SEED + n))
        for n, person in enumerate(people)
    ]
    async with asyncio.TaskGroup() as working:
        for banker in bankers:
            working.create_task(banker.work(stop))
        try:
            yield history
        finally:
            stop.set()


async def read(demo: Elsewhere, path: str, token: str) -> dict[str, Any]:
    """What the API answers."""
    async with httpx.AsyncClient(base_url=demo.url, timeout=30) as http:
        answer = await http.get(path, headers={"authorization": f"Bearer {token}"})
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


async def all_promises_held(demo: Elsewhere, bank_id: str, history: History) -> None:
    """Nothing acknowledged is lost or doubled, no lease overlapped, every count agrees."""

    # Nobody repairs anything: the house comes to rest by itself, and verify finds nothing.
    async def at_rest() -> bool:
        code, words = await verify(demo)
        assert code == 0, words[-2000:]
        return True

    await eventually(at_rest, deadline_seconds=REST_SECONDS_MAX, saying="verify finds nothing")
    client = connect(demo.addresses["MongoDB"])
    try:
        # Every acknowledged command is in the log once, and nothing else is.
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
    finally:
        await client.close()
    await _counted(demo, bank_id, history)


async def _counted(demo: Elsewhere, bank_id: str, history: History) -> None:
    """The clients' own count is the tally's and the dashboard's."""
    organizer = await log_in(demo.url, *demo.accounts["Organizer"])

    async def agreed() -> bool:
        board = await read(demo, f"/gotv/phone-banks/{bank_id}/dashboard", organizer)
        shown = {name: n for name, n in board["dispositions"].items() if n}
        assert shown == dict(history.dispositions())
        support = {level: n for level, n in board["support"].items() if n}
        assert support == dict(history.support())
        return True

    await eventually(agreed, deadline_seconds=60, saying="the dashboard agrees with the clients")
