"""What people do with their accounts: sign up, confirm, log in and out, be erased."""

import contextlib
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import msgspec

from libs.chassis.problems import TooMany, Unauthenticated
from libs.chassis.tokens import Principal
from libs.events.identity import Door
from libs.eventstore.store import ClaimTaken, IdempotencyKeyReused, Meta, Request, handle
from services.identity.addresses import normalised
from services.identity.attempts import Attempts
from services.identity.codes import code_in
from services.identity.domain.caller import (
    CALLER,
    EraseCaller,
    RegisterCaller,
    RevokeSessions,
)
from services.identity.domain.errors import LinkInvalid, NotConfirmed
from services.identity.mail_requests import ask_for_mail
from services.identity.outbox import Wanted
from services.identity.parts import Records
from services.identity.passwords import Passwords, check_choice
from services.identity.people import Person
from services.identity.sessions import Session, Sessions

AGAIN = "again"  # Stands for a network where a password is asked of somebody who is logged in.


class WrongPassword(Unauthenticated):
    """This e-mail address and password do not go together; check both for a slip."""


class WrongCode(Unauthenticated):
    """This code is not right, or over: it works once, for ten minutes; ask for a new one."""


@dataclass(frozen=True, slots=True)
class Proof:
    """By which somebody who is logged in shows once more that it is they: one of the two."""

    password: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """What a visitor typed at a door; the password is the only thing not yet hashed.

    None at the Bluevote door, where a mailed code takes its place.
    """

    person: Person
    password: str | None
    door: Door = "action_id"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Whose account a link confirmed; `first_use` is True for one follower of the link only.

    `door` is the one that its owner has: with a password, or without.
    """

    caller_id: str
    organization_id: str | None
    next_path: str | None
    first_use: bool
    first_name: str
    door: Door


class Accounts:
    """Order of writing, everywhere: the sealed record, the mail, the fact.

    So a crash in between leaves something that a repeat completes, never a fact without its person.
    """

    def __init__(
        self,
        records: Records,
        passwords: Passwords,
        attempts: Attempts,
        sessions: Sessions,
        *,
        sender: str,
    ) -> None:
        self._records = records
        self._log = records.log
        self._passwords = passwords
        self._attempts = attempts
        self._sessions = sessions
        self._how_to_confirm = (
            "Please open the mail we sent you and press Confirm My Account. If you cannot find "
            f"it, look in your junk or spam folder for a message from {sender}, or ask for a new "
            "link: POST /identity/confirmations/resend with your e-mail address."
        )

    async def sign_up(self, registration: Registration, network: str, request: Request) -> str:
        """Register a caller and mail the confirmation link; answers the registration's id.

        An address that has an account is answered alike, in like time; its owner gets the mail.
        Raises PasswordRefused, EmailInvalid, TooMany, IdempotencyKeyReused.
        """
        records, person = self._records, registration.person
        address = normalised(person.email)
        if registration.password is not None:
            check_choice(registration.password, address)
        registration_id, at = request.commit_id, request.meta.at
        if await self._signed_up_before(request):
            return registration_id
        self._attempts.check_mail(records.addresses.key(address), network)
        password_hash = ""
        if registration.password is not None:
            password_hash = await self._passwords.hash(registration.password)
        kept = msgspec.structs.replace(person, email=address, password_hash=password_hash)
        await records.people.write(registration_id, kept)
        holder = await records.addresses.holder(address)
        wanted = Wanted(
            email=address,
            registration_id=registration_id,
            next_path=person.next_path,
            organization_id=person.organization_id,
        )
        fingerprint = request.meta.fingerprint
        await records.outbox.post(
            registration_id, "registration", wanted, fingerprint=fingerprint, at=at
        )
        claiming = Request(
            registration_id, request.meta, (records.addresses.claim_for(address, holder),)
        )
        await self._register(RegisterCaller(registration_id, registration.door), claiming)
        return registration_id

    async def resend(
        self, email: str, next_path: str | None, network: str, request: Request
    ) -> None:
        """Ask for another link. The same work for a known and an unknown address.

        Raises EmailInvalid, and TooMany when an address was mailed too often, known or not, or a
        network asked for too many mails.
        """
        wanted = Wanted(email=email, next_path=next_path)
        await ask_for_mail(self._records, self._attempts, "resend", wanted, network, request)

    async def confirm(self, token: str, meta: Meta) -> Confirmed:
        """Follow a mailed link; again within its life answers alike. Raises LinkInvalid."""
        records, at = self._records, meta.at
        link = await records.links.follow("confirmation", token, at)
        stream = f"caller-{link.caller_id}"
        caller = CALLER.fold((await self._log.read(stream)).facts)
        later = link.registration_id != link.caller_id
        # What was typed with this link counts, never what an earlier stranger typed.
        adopting = later and not caller.confirmed
        if adopting and not await records.people.adopt(link.caller_id, link.registration_id):
            raise LinkInvalid
        person = await records.people.read(link.caller_id)
        request = Request(f"confirmation/{link.digest}", meta)
        await records.confirming.confirm(link.caller_id, person, request)
        if later:
            await records.people.erase(link.registration_id)
        return Confirmed(
            caller_id=link.caller_id,
            organization_id=person.organization_id if person else None,
            next_path=link.next_path,
            first_use=await records.links.use(link, at),
            first_name=person.first_name if person else "",
            door="action_id" if person and person.password_hash else "bluevote",
        )

    async def log_in(
        self, email: str, password: str, network: str, organization_id: str | None
    ) -> tuple[str, Session]:
        """A new session and its opaque token. Raises WrongPassword, NotConfirmed, TooMany.

        An unknown address costs the same work as a known one and is answered alike.
        """
        records = self._records
        address = normalised(email)
        account = records.addresses.key(address)
        self._attempts.check_guess(account, network)
        holder = await records.addresses.holder(address)
        person = holder.person if holder else None
        # Whoever registered without a password costs a hash, too.
        stored = (person.password_hash if person else "") or self._passwords.decoy
        matches = await self._passwords.matches(
            stored, password, still_welcome=lambda: self._attempts.check_guess(account, network)
        )
        if not matches or holder is None or person is None:
            self._attempts.guessed_wrong(account, network)
            raise WrongPassword
        self._attempts.guessed_right(account, network)
        history = await self._log.read(f"caller-{holder.caller_id}")
        if not CALLER.fold(history.facts).confirmed:
            raise NotConfirmed(self._how_to_confirm)
        if self._passwords.outdated(stored):
            await self._strengthen(holder.caller_id, stored, password)
        return await self._sessions.open(
            holder.caller_id, organization_id or person.organization_id, "action_id"
        )

    async def log_out(self, principal: Principal, device: str | None, meta: Meta) -> None:
        """End this session: first so that no new token is made of it, then for all to know.

        The browser is forgotten with it, for somebody else may use it next.
        """
        await self._records.devices.forget(device)
        await self._sessions.end(principal.session_id)
        command = RevokeSessions(principal.caller_id, principal.session_id, meta.at)
        request = Request(f"log-out/{principal.session_id}", meta)
        await handle(self._log, CALLER, f"caller-{principal.caller_id}", command, request)

    async def log_out_everywhere(self, caller_id: str, meta: Meta) -> None:
        """End every session of the caller, and forget every browser that was remembered."""
        await self._records.devices.forget_all(caller_id)
        await self._sessions.end_all(caller_id)
        command = RevokeSessions(caller_id, None, meta.at)
        request = Request(uuid4().hex, meta)
        await handle(self._log, CALLER, f"caller-{caller_id}", command, request)

    async def erase(self, principal: Principal, proof: Proof, meta: Meta) -> None:
        """Destroy all we know of the caller, after asking once more for a proof that it is they.

        Raises WrongPassword and WrongCode.
        """
        records, caller_id = self._records, principal.caller_id
        person = await records.people.read(caller_id)
        if person is not None:  # Else an earlier try was cut short after this step.
            await self.check_proof(caller_id, person, proof, meta.at)
            await records.codes.forget(records.addresses.key(person.email))
        await records.own_words.erase(caller_id)
        await records.people.erase(caller_id)
        await records.devices.forget_all(caller_id)
        await self._sessions.end_all(caller_id)
        command = EraseCaller(principal.caller_id, meta.at)
        request = Request(f"erase/{principal.caller_id}", meta)
        await handle(self._log, CALLER, f"caller-{principal.caller_id}", command, request)

    async def _signed_up_before(self, request: Request) -> bool:
        """Whether this very sign-up is done: its fact is there, or for a known address its mail."""
        posted = await self._records.outbox.find(request.commit_id)
        recorded = await self._log.find(request.commit_id)
        earlier = {posted.fingerprint} if posted else set()
        earlier |= {recorded.meta.fingerprint} if recorded else set()
        if earlier - {request.meta.fingerprint}:
            raise IdempotencyKeyReused
        return recorded is not None or (posted is not None and posted.settled)

    async def _register(self, command: RegisterCaller, claiming: Request) -> None:
        try:
            await handle(self._log, CALLER, f"caller-{command.caller_id}", command, claiming)
        except ClaimTaken:
            return  # The owner of the address is told by mail; whoever asked here is told nothing.

    async def _strengthen(self, caller_id: str, stored_hash: str, password: str) -> None:
        """Hash again with today's settings; not now when many wait, the next log-in will do."""
        with contextlib.suppress(TooMany):
            stronger = await self._passwords.hash(password)
            await self._records.people.rehash(caller_id, stored_hash, stronger)

    async def check_proof(self, caller_id: str, person: Person, proof: Proof, at: datetime) -> None:
        """Ask somebody who is logged in once more; without a password, only a code will do.

        Raises WrongPassword, WrongCode, TooMany.
        """
        if proof.code is None and not person.password_hash:
            raise WrongCode
        if proof.code is None:
            await self._check_password(caller_id, person.password_hash, proof.password or "")
            return
        self._attempts.check_guess(caller_id, AGAIN)
        account = self._records.addresses.key(person.email)
        if await self._records.codes.use(account, code_in(proof.code), at) is None:
            self._attempts.guessed_wrong(caller_id, AGAIN)
            raise WrongCode

    async def _check_password(self, caller_id: str, stored_hash: str, password: str) -> None:
        def still_welcome() -> None:
            self._attempts.check_guess(caller_id, AGAIN)

        if not await self._passwords.matches(stored_hash, password, still_welcome=still_welcome):
            self._attempts.guessed_wrong(caller_id, AGAIN)
            raise WrongPassword
