"""The importer: `python -m services.voters.importer` reads uploaded voter files, step by step.

Any number may run: a campaign's imports take turns. Killed and started again, it goes on at the
durable cursor, and repeats no row.
"""

import asyncio
import contextlib
import signal
import traceback
from datetime import timedelta
from uuid import uuid4

import structlog

from libs.chassis.clock import server_clock
from libs.chassis.logging import configure_logging
from libs.database import Document, PyMongoError, connect
from libs.decider import Refusal
from libs.eventstore.mongo import MongoLog
from services.voters.desk import Desk, desk_of
from services.voters.import_records import WAITING
from services.voters.reading import Reading, TurnLost
from services.voters.sealing import SealBroken
from services.voters.settings import VotersSettings

POLL_SECONDS = 0.3
REST_SECONDS = 2.0
PURGE_EVERY = timedelta(hours=1)

log = structlog.get_logger()

FAULTS_MAX = 3
# What says nothing about the file: it is read on from the cursor a little later.
PASSING = (PyMongoError, Refusal, TurnLost)


class Importer:
    """Works off the imports that wait."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._name = uuid4().hex

    async def work(self) -> bool:
        """Work on one import until it ends; False when none waits for us."""
        imports = self._desk.imports
        for waiting in await imports.waiting():
            campaign_id = waiting["campaign_id"]
            if not await imports.take_turn(campaign_id, self._name, self._desk.now()):
                continue
            record = await imports.find(waiting["_id"])
            if record is None or record["state"] not in WAITING:
                continue
            try:
                await self._read(record)
            finally:
                await imports.end_turn(campaign_id, self._name)
            return True
        return False

    async def _read(self, record: Document) -> None:
        """Read it; one that fails again and again ends, so that it holds up no other import."""
        reading = Reading(self._desk, record, self._name)
        try:
            await reading.run()
        except (*PASSING, MemoryError, SealBroken):
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours, met by this very file.
            # Where, not what: what it says may be a value of the file.
            place = traceback.extract_tb(error.__traceback__)[-1]
            log.error(  # noqa: TRY400 - see above.
                "import failed",
                import_id=record["_id"],
                error=type(error).__name__,
                place=f"{place.name}:{place.lineno}",
            )
            if await self._desk.imports.count_fault(record["_id"]) >= FAULTS_MAX:
                await reading.give_up()


async def keep_importing(desk: Desk) -> None:
    """Run until cancelled; what fails in passing is tried again from the cursor."""
    importer = Importer(desk)
    purge_at = desk.now()
    while True:
        try:
            if desk.now() >= purge_at:
                await desk.imports.cancel_forgotten(desk.now())
                await desk.uploads.forget_orphans(desk.now())
                purge_at = desk.now() + PURGE_EVERY
            while await importer.work():
                pass
        except PASSING as error:
            log.warning("import interrupted", error=type(error).__name__)
            await asyncio.sleep(REST_SECONDS)
        await asyncio.sleep(POLL_SECONDS)


async def run(settings: VotersSettings) -> None:
    """The process: import until told to stop; a step in flight is done again later."""
    configure_logging("voters-importer", settings.log_level)
    client = connect(settings.mongodb_url, retry_writes=False)
    database = client[settings.database("voters")]
    event_log = MongoLog(database, settings.topic("voters"), settings.partitions)
    now = server_clock(settings.clock_offset_seconds)
    desk = desk_of(settings, event_log, database, now)
    await event_log.prepare()
    await desk.prepare()
    importing = asyncio.create_task(keep_importing(desk))
    for stop in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(stop, importing.cancel)
    log.info("importer started")
    with contextlib.suppress(asyncio.CancelledError):
        await importing
    await event_log.close()
    await client.close()


if __name__ == "__main__":
    asyncio.run(run(VotersSettings()))
