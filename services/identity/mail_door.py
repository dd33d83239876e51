"""The Bluevote door: an e-mail address and an organization, proven by a mailed code or link."""

from datetime import datetime

import msgspec

from libs.chassis.problems import Unauthenticated
from libs.events.identity import Door
from libs.eventstore.store import Meta, Request
from services.identity.accounts import WrongCode
from services.identity.addresses import normalised
from services.identity.attempts import Attempts
from services.identity.codes import code_in
from services.identity.domain.caller import CALLER
from services.identity.domain.errors import LinkInvalid
from services.identity.mail_requests import ask_for_mail
from services.identity.outbox import Wanted
from services.identity.parts import Records
from services.identity.people import Person
from services.identity.sessions import Session, Sessions

DOOR: Door = "bluevote"


class CodeNeeded(Unauthenticated):
    """This browser is new to us: please ask for a code by mail and type it here."""


class MailDoor:
    """Whoever reads the mailbox is its owner. An unknown address costs and shows the same."""

    def __init__(self, records: Records, attempts: Attempts, sessions: Sessions) -> None:
        self._records = records
        self._codes = records.codes
        self._devices = records.devices
        self._attempts = attempts
        self._sessions = sessions

    async def ask_code(
        self,
        email: str,
        organization_id: str | None,
        next_path: str | None,
        network: str,
        request: Request,
    ) -> None:
        """Mail a code and a link, if the address is a caller's.

        Raises EmailInvalid, and TooMany when an address was mailed too often, known or not, or a
        network asked for too many mails.
        """
        wanted = Wanted(email=email, next_path=next_path, organization_id=organization_id)
        await ask_for_mail(self._records, self._attempts, "code", wanted, network, request)

    async def log_in(
        self, email: str, code: str, network: str, organization_id: str, meta: Meta
    ) -> tuple[str, Session]:
        """A session for who knows the code. Raises WrongCode, TooMany, EmailInvalid."""
        account = self._records.addresses.key(normalised(email))
        self._attempts.check_guess(account, network)
        right = await self._codes.use(account, code_in(code), meta.at)
        if right is None:
            self._attempts.guessed_wrong(account, network)
            raise WrongCode
        self._attempts.guessed_right(account, network)
        if not await self._prove(right.caller_id, meta):
            raise WrongCode
        return await self._sessions.open(right.caller_id, organization_id, DOOR)

    async def follow(self, token: str, meta: Meta) -> tuple[str, Session, str | None]:
        """The same for who follows the mailed link, once; and where it leads. Raises LinkInvalid.

        The code of the same mail is over then.
        """
        link = await self._records.links.follow("session", token, meta.at)
        person = await self._records.people.read(link.caller_id)
        if person is None or not await self._records.links.use(link, meta.at):
            raise LinkInvalid
        await self._codes.forget(self._records.addresses.key(person.email))
        if not await self._prove(link.caller_id, meta):
            raise LinkInvalid
        opaque, session = await self._sessions.open(link.caller_id, link.organization_id, DOOR)
        return opaque, session, link.next_path

    async def log_in_remembered(
        self, email: str, device: str | None, organization_id: str, at: datetime
    ) -> tuple[str, Session]:
        """A session without a code, in a browser that proved this mailbox. Raises CodeNeeded."""
        account = self._records.addresses.key(normalised(email))
        known = await self._devices.recall(device, at)
        person = await self._records.people.read(known[0] if known else "nobody")
        if known is None or person is None:
            raise CodeNeeded
        if self._records.addresses.key(person.email) != account:
            raise CodeNeeded
        return await self._sessions.open(known[0], organization_id, DOOR)

    async def recalled(
        self, device: str | None, organization_id: str | None, at: datetime
    ) -> str | None:
        """A session's token for a browser that is remembered; for its organization, if none."""
        known = await self._devices.recall(device, at)
        if known is None or await self._records.people.read(known[0]) is None:
            return None
        opaque, _ = await self._sessions.open(known[0], organization_id or known[1], DOOR)
        return opaque

    async def remember(self, session: Session, at: datetime) -> str:
        """The cookie by which this browser will be known."""
        return await self._devices.remember(session.caller_id, session.organization_id, at)

    async def _prove(self, caller_id: str, meta: Meta) -> bool:
        """The mailbox is the caller's; False for one who was erased meanwhile.

        A password that somebody set before the address was confirmed is no password: they may have
        been a stranger. The owner chooses one by mail, if they want one.
        """
        stream = f"caller-{caller_id}"
        caller = CALLER.fold((await self._records.log.read(stream)).facts)
        if caller.erased:
            return False
        if caller.confirmed:
            return True
        person = await self._records.people.change(caller_id, _without_password)
        if person is None:
            return False
        request = Request(f"proof/{caller_id}", meta)
        await self._records.confirming.confirm(caller_id, person, request)
        return True


def _without_password(person: Person) -> Person:
    return msgspec.structs.replace(person, password_hash="")
