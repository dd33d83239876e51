"""Passwords chosen anew: by a mailed link when forgotten, or by somebody who is logged in."""

from uuid import uuid4

import msgspec

from libs.chassis.tokens import Principal
from libs.eventstore.store import Meta, Request, handle
from services.identity.accounts import Accounts, Proof
from services.identity.attempts import Attempts
from services.identity.domain.caller import CALLER, EndSessions
from services.identity.domain.errors import LinkInvalid, NoSuchCaller
from services.identity.mail_requests import ask_for_mail
from services.identity.outbox import Wanted
from services.identity.parts import Records
from services.identity.passwords import Passwords, check_choice
from services.identity.people import Person
from services.identity.sessions import Sessions


class Credentials:
    """With a new password every other session ends, and every remembered browser is forgotten."""

    def __init__(
        self,
        records: Records,
        passwords: Passwords,
        attempts: Attempts,
        sessions: Sessions,
        accounts: Accounts,
    ) -> None:
        self._records = records
        self._passwords = passwords
        self._attempts = attempts
        self._sessions = sessions
        self._accounts = accounts

    async def ask_reset(
        self, email: str, next_path: str | None, network: str, request: Request
    ) -> None:
        """Mail a link, if the address is a caller's; the same work and answer if not.

        Raises EmailInvalid, and TooMany when an address was mailed too often, known or not, or a
        network asked for too many mails.
        """
        wanted = Wanted(email=email, next_path=next_path)
        await ask_for_mail(self._records, self._attempts, "reset", wanted, network, request)

    async def reset(self, token: str, password: str, meta: Meta) -> str | None:
        """Choose a new password under a mailed link, once; answers where the caller was going.

        The link proves the mailbox, so it confirms the account, too. Raises LinkInvalid and
        PasswordRefused; after the latter the link still works.
        """
        link = await self._records.links.follow("reset", token, meta.at)
        person = await self._records.people.read(link.caller_id)
        if person is None:
            raise LinkInvalid
        check_choice(password, person.email)
        password_hash = await self._passwords.hash(password)
        if not await self._records.links.use(link, meta.at):
            raise LinkInvalid
        await self._keep(link.caller_id, password_hash)
        await self._tell(f"password-changed-{link.digest}", person, meta)
        request = Request(f"reset/{link.digest}", meta)
        await self._records.confirming.confirm(link.caller_id, person, request)
        await self._end_others(link.caller_id, None, meta)
        return link.next_path

    async def change(self, principal: Principal, proof: Proof, chosen: str, meta: Meta) -> None:
        """Choose a new password, knowing the present one, or with a code by mail; tell the owner.

        Whoever has no password needs the code: an open session alone must not become an account
        for good. Raises WrongPassword, WrongCode, PasswordRefused, TooMany.
        """
        caller_id = principal.caller_id
        person = await self._records.people.read(caller_id)
        if person is None:
            raise NoSuchCaller
        check_choice(chosen, person.email)  # First, so that a weak choice uses up no code.
        await self._accounts.check_proof(caller_id, person, proof, meta.at)
        password_hash = await self._passwords.hash(chosen)
        await self._keep(caller_id, password_hash)
        await self._tell(uuid4().hex, person, meta)
        await self._end_others(caller_id, principal.session_id, meta)

    async def _tell(self, mail_id: str, person: Person, meta: Meta) -> None:
        wanted = Wanted(email=person.email)
        await self._records.outbox.post(
            mail_id, "password-changed", wanted, fingerprint="", at=meta.at
        )

    async def _keep(self, caller_id: str, password_hash: str) -> None:
        def chosen(person: Person) -> Person:
            return msgspec.structs.replace(person, password_hash=password_hash)

        if await self._records.people.change(caller_id, chosen) is None:
            raise NoSuchCaller

    async def _end_others(self, caller_id: str, session_id: str | None, meta: Meta) -> None:
        await self._records.links.void("reset", caller_id)
        await self._records.links.void("session", caller_id)
        await self._records.devices.forget_all(caller_id)
        ended = tuple(await self._sessions.end_others(caller_id, session_id))
        command = EndSessions(caller_id, ended, meta.at)
        request = Request(uuid4().hex, meta)
        await handle(self._records.log, CALLER, f"caller-{caller_id}", command, request)
