"""Which letter an address gets, decided when it is written: whose the address is by then."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.eventstore.store import Log
from services.identity.addresses import Addresses, Holder
from services.identity.codes import CODE_LIFE, Codes
from services.identity.domain.caller import CALLER
from services.identity.domain.organization import ORGANIZATION
from services.identity.letters import CallsPage, Stationery
from services.identity.links import RESET_LIFE, Links
from services.identity.outbox import Due, Letter
from services.identity.people import People, Person

# The row is written before the fact: for so long the fact may still come (a client that retries).
FACT_AWAITED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class NotYet:
    """The registration is not recorded yet; look again soon."""


@dataclass(frozen=True, slots=True)
class NoLetter:
    """There is nothing to write, and why."""

    reason: str


class Correspondence:
    """Writes what was asked for; makes the one-time link that a letter carries."""

    def __init__(
        self,
        log: Log,
        people: People,
        addresses: Addresses,
        links: Links,
        codes: Codes,
        stationery: Stationery,
    ) -> None:
        self._log = log
        self._people = people
        self._addresses = addresses
        self._links = links
        self._codes = codes
        self._stationery = stationery

    async def write(self, due: Due, at: datetime) -> Letter | NotYet | NoLetter:
        """The letter for a row of the outbox."""
        holder = await self._addresses.holder(due.wanted.email)
        if holder is None or holder.person is None:
            return await self._unheld(due, at)
        if due.kind in {"registration", "resend"}:
            return await self._to_whoever_confirms(due, holder, holder.person, at)
        return await self._to_holder(due, holder.caller_id, holder.person, at)

    async def _to_holder(self, due: Due, caller_id: str, person: Person, at: datetime) -> Letter:
        if due.kind == "code":
            return await self._code(due, caller_id, person, at)
        if due.kind == "reset":
            return await self._reset(due, caller_id, person, at)
        page = await self._calls_page(person.organization_id)
        return self._stationery.password_changed(due.wanted.email, person.first_name, page)

    async def _to_whoever_confirms(
        self, due: Due, holder: Holder, person: Person, at: datetime
    ) -> Letter | NoLetter:
        history = await self._log.read(f"caller-{holder.caller_id}")
        if not CALLER.fold(history.facts).confirmed:
            return await self._confirmation(due, holder, at)
        registration_id = due.wanted.registration_id
        if registration_id == holder.caller_id:
            return NoLetter("confirmed meanwhile")
        if registration_id is not None:
            await self._people.erase(registration_id)
        page = await self._calls_page(due.wanted.organization_id or person.organization_id)
        return self._stationery.already_known(due.wanted.email, page)

    async def _unheld(self, due: Due, at: datetime) -> NotYet | NoLetter:
        registration_id = due.wanted.registration_id
        if registration_id is None:
            return NoLetter("unknown address")
        if at - due.posted_at < FACT_AWAITED_FOR:
            return NotYet()
        await self._people.erase(registration_id)
        return NoLetter("never registered")

    async def _confirmation(self, due: Due, holder: Holder, at: datetime) -> Letter | NoLetter:
        """A link confirms what was typed with it: nobody slips a password under another's."""
        registration_id = due.wanted.registration_id or holder.caller_id
        person = await self._people.read(registration_id)
        if person is None:
            return NoLetter("erased meanwhile")
        page = await self._calls_page(due.wanted.organization_id or person.organization_id)
        next_path = due.wanted.next_path or person.next_path or (page.path if page else None)
        token = await self._links.make(
            "confirmation",
            caller_id=holder.caller_id,
            registration_id=registration_id,
            next_path=next_path,
            at=at,
        )
        return self._stationery.confirmation(
            due.wanted.email,
            person.first_name,
            token,
            next_path,
            page,
            has_password=bool(person.password_hash),
        )

    async def _code(self, due: Due, caller_id: str, person: Person, at: datetime) -> Letter:
        """A code for this browser, and a link for the one the mail is read in."""
        page = await self._calls_page(due.wanted.organization_id or person.organization_id)
        next_path = due.wanted.next_path or (page.path if page else None)
        code = await self._codes.make(self._addresses.key(due.wanted.email), caller_id, at)
        token = await self._links.make(
            "session",
            caller_id=caller_id,
            registration_id=caller_id,
            next_path=next_path,
            organization_id=due.wanted.organization_id,
            life=CODE_LIFE,
            at=at,
        )
        return self._stationery.code(due.wanted.email, person.first_name, code, token, page)

    async def _reset(self, due: Due, caller_id: str, person: Person, at: datetime) -> Letter:
        """The link under which a new password is chosen; the ones before it lead nowhere."""
        page = await self._calls_page(person.organization_id)
        await self._links.void("reset", caller_id)
        token = await self._links.make(
            "reset",
            caller_id=caller_id,
            registration_id=caller_id,
            next_path=due.wanted.next_path,
            life=RESET_LIFE,
            at=at,
        )
        return self._stationery.reset(due.wanted.email, person.first_name, token, page)

    async def _calls_page(self, organization_id: str | None) -> CallsPage | None:
        if organization_id is None:
            return None
        history = await self._log.read(f"organization-{organization_id}")
        founded = ORGANIZATION.fold(history.facts).founded
        if founded is None:
            return None
        return CallsPage(founded.name, f"/calls/{founded.slug}", founded.help_contact)
