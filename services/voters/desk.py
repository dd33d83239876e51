"""What the routes and the importer of voters work with, put together once a process."""

from dataclasses import dataclass

from libs.chassis.clock import Now
from libs.database import Database
from libs.eventstore.store import Log
from services.voters.deposits import Deposits
from services.voters.import_records import ImportRecords
from services.voters.people import People
from services.voters.sealing import Ids, Sealer
from services.voters.selectable import Selectable
from services.voters.settings import VotersSettings
from services.voters.uploads import Uploads


@dataclass(frozen=True, slots=True)
class Desk:
    """The log, the vault and the records of this service."""

    log: Log
    database: Database
    now: Now
    ids: Ids
    sealer: Sealer
    people: People
    deposits: Deposits
    selectable: Selectable
    uploads: Uploads
    imports: ImportRecords

    async def prepare(self) -> None:
        """Make the indexes."""
        await self.selectable.prepare()
        await self.deposits.prepare()
        await self.uploads.prepare()
        await self.imports.prepare()


def desk_of(settings: VotersSettings, log: Log, database: Database, now: Now) -> Desk:
    """The desk over this log and database."""
    sealer = Sealer(settings.vault_key.get_secret_value())
    people = People(database, sealer)
    return Desk(
        log=log,
        database=database,
        now=now,
        ids=Ids(settings.line_key.get_secret_value()),
        sealer=sealer,
        people=people,
        deposits=Deposits(database, people),
        selectable=Selectable(database),
        uploads=Uploads(database, sealer),
        imports=ImportRecords(database),
    )
