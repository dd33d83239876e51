"""What callers tell of themselves and may change: name, number, consents, languages."""

from dataclasses import dataclass
from uuid import uuid4

import msgspec

from libs.eventstore.store import Meta, Request, handle
from services.identity.domain.caller import CALLER, ChangeNumber, DeclareLanguages
from services.identity.domain.errors import NoSuchCaller
from services.identity.languages import checked
from services.identity.parts import Records
from services.identity.people import Person, phone_or_none
from services.identity.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything of a caller that the caller may see and change; the address stays."""

    email: str
    first_name: str
    last_name: str
    phone: str | None
    street: str | None
    reminders: bool
    recruitment: bool
    languages: tuple[str, ...]
    has_password: bool


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """The profile as it shall be. Consents are about the number, and none without one."""

    first_name: str
    last_name: str
    phone: str | None
    street: str | None
    reminders: bool
    recruitment: bool
    languages: tuple[str, ...]


class Profiles:
    """Reads and changes what callers told of themselves: the sealed record first, then the fact."""

    def __init__(self, records: Records, sessions: Sessions) -> None:
        self._records = records
        self._sessions = sessions

    async def read(self, caller_id: str) -> Profile:
        """The caller's own data. Raises NoSuchCaller for one who was erased."""
        person = await self._records.people.read(caller_id)
        if person is None:
            raise NoSuchCaller
        history = await self._records.log.read(f"caller-{caller_id}")
        return _profile(person, CALLER.fold(history.facts).languages)

    async def change(self, caller_id: str, change: ProfileChange, meta: Meta) -> Profile:
        """Make it so; another number is told from a slip in no way but by being written otherwise.

        Raises FieldInvalid for an unknown language, NoSuchCaller for one who was erased.
        """
        languages = checked(change.languages)
        person = await self._records.people.change(caller_id, lambda old: _changed(old, change))
        if person is None:
            raise NoSuchCaller
        for command in (
            ChangeNumber(caller_id, person.number_id),
            DeclareLanguages(caller_id, languages),
        ):
            request = Request(uuid4().hex, meta)
            await handle(self._records.log, CALLER, f"caller-{caller_id}", command, request)
        self._sessions.forget(caller_id)
        return _profile(person, languages)


def _changed(old: Person, change: ProfileChange) -> Person:
    phone = phone_or_none(change.phone)
    same = phone == old.phone
    return msgspec.structs.replace(
        old,
        first_name=change.first_name,
        last_name=change.last_name,
        phone=phone,
        street=change.street or None,
        consents_reminders=change.reminders and phone is not None,
        consents_recruitment=change.recruitment and phone is not None,
        number_id=old.number_id if same else uuid4().hex,
        own_lines=old.own_lines if same else {},
    )


def _profile(person: Person, languages: tuple[str, ...]) -> Profile:
    return Profile(
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        phone=person.phone,
        street=person.street,
        reminders=person.consents_reminders,
        recruitment=person.consents_recruitment,
        languages=languages,
        has_password=bool(person.password_hash),
    )
