"""Identity's parts put together once, for the web process and for the mailer alike."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from libs.database import Database
from libs.eventstore.store import Log
from services.identity.addresses import Addresses
from services.identity.codes import Codes
from services.identity.confirming import Confirming
from services.identity.correspondence import Correspondence
from services.identity.devices import Devices
from services.identity.invitations import Invitations
from services.identity.letters import Stationery
from services.identity.links import Links
from services.identity.outbox import Outbox
from services.identity.own_words import OwnWords
from services.identity.people import People
from services.identity.sealing import Sealer
from services.identity.settings import IdentitySettings


@dataclass(frozen=True, slots=True)
class Records:
    """What identity keeps beside its log, and what is read from both."""

    log: Log
    sealer: Sealer
    people: People
    addresses: Addresses
    links: Links
    codes: Codes
    devices: Devices
    own_words: OwnWords
    invitations: Invitations
    confirming: Confirming
    outbox: Outbox
    correspondence: Correspondence

    async def purge(self, at: datetime) -> None:
        """Forget what nobody can use any more: dead links, what was typed with them, old mail."""
        for registration_id in await self.links.purge(at):
            await self.people.erase(registration_id)
        await self.outbox.purge(at)
        await self.codes.purge(at)
        await self.devices.purge(at)

    async def prepare(self) -> None:
        """Make the indexes."""
        await self.outbox.prepare()
        await self.codes.prepare()
        await self.devices.prepare()
        await self.own_words.prepare()


def records_of(settings: IdentitySettings, log: Log, database: Database) -> Records:
    """The records over this log and database; nothing is opened."""
    sealer = Sealer(settings.vault_key.get_secret_value())
    people = People(database, sealer)
    addresses = Addresses(log, people, sealer)
    links = Links(database)
    codes = Codes(database, sealer)
    invitations = Invitations(log, sealer)
    stationery = Stationery(settings.public_url.rstrip("/"), sender_of(settings))
    return Records(
        log=log,
        sealer=sealer,
        people=people,
        addresses=addresses,
        links=links,
        codes=codes,
        devices=Devices(database),
        own_words=OwnWords(database, sealer),
        invitations=invitations,
        confirming=Confirming(log, invitations),
        outbox=Outbox(database, sealer),
        correspondence=Correspondence(log, people, addresses, links, codes, stationery),
    )


def sender_of(settings: IdentitySettings) -> str:
    """The name that our mail comes from, as a junk folder shows it."""
    name, address = parseaddr(settings.mail_from)
    return name or address
