"""Identity's vault: callers' own data, sealed. A record, not a view; written before the fact."""

from collections.abc import Callable

import msgspec

from libs.database import Database
from services.identity.sealing import Sealed, Sealer

PHONE_LENGTH_MAX = 40


class Person(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody told us of themselves. The two consents are about the phone number.

    `next_path` is where they were going when they signed up, `languages` what they chose then.
    `number_id` is another one with each change of the phone number, and `own_lines` the lines that
    this very number is, by campaign; `invitation_id` the link they came through.
    """

    email: str
    first_name: str
    password_hash: str
    last_name: str = ""
    phone: str | None = None
    street: str | None = None
    consents_reminders: bool = False
    consents_recruitment: bool = False
    organization_id: str | None = None
    next_path: str | None = None
    languages: tuple[str, ...] = ()
    number_id: str = ""
    own_lines: dict[str, tuple[str, ...]] = {}
    invitation_id: str | None = None


class People:
    """One sealed document a caller, each under its own key; without that key nothing is left."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._rows = database["people"]
        self._sealer = sealer

    async def write(self, caller_id: str, person: Person) -> None:
        """Keep this as all we know of the caller, under a fresh key."""
        sealed = self._sealer.seal(_owner(caller_id), person)
        row = {"_id": caller_id, "key": sealed.key, "content": sealed.content}
        await self._rows.replace_one({"_id": caller_id}, row, upsert=True)

    async def read(self, caller_id: str) -> Person | None:
        """What we know of the caller; None for a stranger and for one who was erased."""
        row = await self._rows.find_one({"_id": caller_id})
        if row is None:
            return None
        return self._sealer.open(_owner(caller_id), Sealed(row["key"], row["content"]), Person)

    async def change(self, caller_id: str, change: Callable[[Person], Person]) -> Person | None:
        """Keep what `change` makes of the record, whoever else changes it at that moment.

        Answers it as it is now; None for a stranger and for one who was erased.
        """
        while True:
            row = await self._rows.find_one({"_id": caller_id})
            if row is None:
                return None
            sealed = Sealed(row["key"], row["content"])
            person = self._sealer.open(_owner(caller_id), sealed, Person)
            changed = change(person)
            if changed == person:
                return person
            resealed = self._sealer.seal(_owner(caller_id), changed)
            kept = {"key": resealed.key, "content": resealed.content}
            same = {"_id": caller_id, "key": row["key"]}
            if (await self._rows.update_one(same, {"$set": kept})).modified_count:
                return changed

    async def rehash(self, caller_id: str, old_hash: str, new_hash: str) -> None:
        """Keep another hash of the password, unless the password changed meanwhile."""

        def renewed(person: Person) -> Person:
            if person.password_hash != old_hash:
                return person
            return msgspec.structs.replace(person, password_hash=new_hash)

        await self.change(caller_id, renewed)

    async def adopt(self, caller_id: str, registration_id: str) -> bool:
        """Make what was typed in a later registration the caller's; False when that is gone."""
        person = await self.read(registration_id)
        if person is not None:
            await self.write(caller_id, person)
        return person is not None

    async def erase(self, caller_id: str) -> None:
        """Destroy the key, and the sealed content with it."""
        await self._rows.delete_one({"_id": caller_id})


def phone_or_none(text: str | None) -> str | None:
    """The number as typed, from any country; a placeholder such as 000-000-0000 is none."""
    kept = " ".join((text or "").split())[:PHONE_LENGTH_MAX]
    digits = {letter for letter in kept if letter.isdecimal()}
    return kept if digits - {"0"} else None


def _owner(caller_id: str) -> str:
    return f"person/{caller_id}"
