"""The queue's clock: expires leases that ran out, closes banks whose end has come."""

import asyncio
import signal
from datetime import datetime

import structlog
from prometheus_client import Counter

from libs.chassis.clock import Now, server_clock
from libs.chassis.logging import configure_logging
from libs.database import Database, PyMongoError, connect
from libs.decider import Conflict
from libs.eventstore.mongo import MongoLog
from libs.eventstore.store import Log, Meta, Request, handle
from libs.views.policy import policy_id
from services.queue.bank_book import bank_stream
from services.queue.domain.line import LEASE_GRACE, LINE
from services.queue.domain.line_commands import ExpireAssignment
from services.queue.domain.phone_bank import BANK, ClosePhoneBank
from services.queue.entries import line_stream
from services.queue.settings import QueueSettings
from services.queue.views import banks
from services.queue.views import searches as voters

TICK_SECONDS = 5.0
LEASES_PER_TICK = 2_000
AT_ONCE = 32
ACTOR = "clock"

log = structlog.get_logger()

_expired = Counter("phonebank_assignments_expired", "Leases that ran out in silence.")


class QueueClock:
    """Any number may run: the id of an expiry is that of its assignment, so it happens once."""

    def __init__(self, events: Log, views: Database, now: Now) -> None:
        self._log = events
        self._views = views
        self._now = now

    async def tick(self) -> int:
        """Expire and close what is due by the server's clock; how many that was."""
        at = self._now()
        lapsed = await voters.lapsed(self._views, at - LEASE_GRACE, LEASES_PER_TICK)
        slots = asyncio.Semaphore(AT_ONCE)

        async def expire(campaign_id: str, line_id: str, assignment_id: str) -> int:
            async with slots:
                return await self._expire(line_stream(campaign_id, line_id), assignment_id, at)

        expired = await asyncio.gather(*(expire(*lease) for lease in lapsed))
        closed = [await self._close(bank_id, at) for bank_id in await banks.ended(self._views, at)]
        return sum(expired) + sum(closed)

    async def _expire(self, stream: str, assignment_id: str, at: datetime) -> int:
        request = _request("expire", assignment_id, stream, at)
        command = ExpireAssignment(assignment_id, at)
        try:
            handled = await handle(self._log, LINE, stream, command, request)
        except Conflict:
            return 0  # Somebody works on the line at this very moment: the next tick sees.
        if handled.commit is None or handled.repeated:
            return 0
        _expired.inc()
        return 1

    async def _close(self, bank_id: str, at: datetime) -> int:
        stream = bank_stream(bank_id)
        request = _request("close", bank_id, stream, at)
        handled = await handle(self._log, BANK, stream, ClosePhoneBank(), request)
        return int(handled.commit is not None and not handled.repeated)

    async def run(self) -> None:
        """Tick until cancelled; what the database refuses now is tried at the next tick."""
        while True:
            try:
                await self.tick()
            except PyMongoError as error:
                log.warning("clock did not tick", error=type(error).__name__)
            await asyncio.sleep(TICK_SECONDS)


def _request(what: str, id: str, stream: str, at: datetime) -> Request:
    return Request(policy_id(f"{ACTOR}/{what}", id, stream), Meta(at=at, actor=ACTOR))


async def main(settings: QueueSettings) -> None:
    """Run until SIGTERM or SIGINT."""
    configure_logging("queue-clock", settings.log_level)
    client = connect(settings.mongodb_url, retry_writes=False)
    database = client[settings.database("queue")]
    events = MongoLog(database, settings.topic("queue"), settings.partitions)
    clock = QueueClock(events, database, server_clock(settings.clock_offset_seconds))
    running = asyncio.create_task(clock.run(), name="clock")
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        log.info("clock stops")
    finally:
        await events.close()
        await client.close()


if __name__ == "__main__":
    asyncio.run(main(QueueSettings()))
