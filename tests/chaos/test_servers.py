"""MongoDB and Kafka are killed under load, once each: callers go on, and nothing is lost."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from deploy.embedded.elsewhere import Elsewhere
from tests.chaos.promises import all_promises_held, callers_at_work
from tests.support.backing import eventually
from tests.support.phone_bankers import History
from tests.support.whole_house import practice_bank, whole_house

pytestmark = [pytest.mark.chaos, pytest.mark.real]

CALLERS = 16
# Enough that every caller has made some between one death and the next.
CALLS = 5 * CALLERS
SERVICES = ("identity", "voters", "queue", "results", "gotv")
RESTART_SECONDS_MAX = 120.0
ANSWER_SECONDS_MAX = 60.0


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Elsewhere]:
    async with whole_house(tmp_path / "house", DEMO_VOTERS="8000") as running:
        yield running


async def more_calls(history: History, saying: str) -> None:
    wanted = len(history.calls) + CALLS

    async def made() -> bool:
        assert len(history.calls) >= wanted, (len(history.calls), wanted, history.problems)
        return True

    await eventually(made, deadline_seconds=RESTART_SECONDS_MAX, saying=saying)


async def started_again(demo: Elsewhere, child: str, dead_pid: int) -> None:
    async def has_another_pid() -> bool:
        return demo.pids[child] != dead_pid

    await eventually(
        has_another_pid, deadline_seconds=RESTART_SECONDS_MAX, saying=f"{child} is started again"
    )


def mongodb_address(demo: Elsewhere) -> str:
    return urlsplit(demo.addresses["MongoDB"]).netloc


@dataclass(slots=True)
class Outage:
    """What was seen while a server's port was closed."""

    calls: list[int] = field(default_factory=list)
    ready: set[str] = field(default_factory=set)

    @property
    def calls_made(self) -> int:
        """How many results were acknowledged meanwhile."""
        return self.calls[-1] - self.calls[0]


async def watch_outage(demo: Elsewhere, address: str, history: History) -> Outage:
    """Look at the callers and at every readyz while nobody listens at `address`, until it does."""
    host, port = address.split(":")
    seen = Outage()
    async with httpx.AsyncClient(base_url=demo.url, timeout=ANSWER_SECONDS_MAX) as http:

        async def over() -> bool:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(host, int(port))
                writer.close()
                return bool(seen.calls)
            seen.calls.append(len(history.calls))
            answers = await asyncio.gather(*(http.get(f"/{each}/readyz") for each in SERVICES))
            seen.ready |= {
                service
                for service, answer in zip(SERVICES, answers, strict=True)
                if answer.is_success
            }
            return False

        await eventually(
            over, deadline_seconds=RESTART_SECONDS_MAX, saying=f"{address} listens again"
        )
    return seen


async def test_servers_die_and_nothing_is_lost(demo: Elsewhere) -> None:
    bank_id = await practice_bank(demo)
    async with callers_at_work(demo, bank_id, CALLERS) as history:
        await more_calls(history, "everybody is at work")

        dead_pid = demo.send("mongodb", signal.SIGKILL)
        without_log = await watch_outage(demo, mongodb_address(demo), history)
        await started_again(demo, "mongodb", dead_pid)
        await more_calls(history, "calls go on after MongoDB was killed")

        dead_pid = demo.send("kafka", signal.SIGKILL)
        without_bus = await watch_outage(demo, demo.addresses["Kafka"], history)
        await started_again(demo, "kafka", dead_pid)
        await more_calls(history, "calls go on after Kafka was killed")

    print(
        f"{len(history.calls)} calls, {history.retries} retries, {without_log.calls_made} without"
        f" MongoDB, {without_bus.calls_made} without Kafka; {dict(history.problems)}"
    )
    # Without its log the house acknowledges nothing but what was on its way already.
    assert without_log.calls_made <= CALLERS, without_log
    # Without Kafka callers notice nothing: the log is all they need.
    assert without_bus.calls_made >= CALLERS, without_bus
    assert without_bus.ready == set(SERVICES)
    await all_promises_held(demo, bank_id, history)
