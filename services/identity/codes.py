"""Six-digit codes by mail: right once, for ten minutes, five tries; kept as keyed hashes."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.database import ASCENDING, Database
from services.identity.sealing import Sealer

DIGITS = 6
CODE_LIFE = timedelta(minutes=10)
TRIES_MAX = 5
DECOY_LENGTH = 2  # A few hundred rows at most, so that guesses do not queue up at one.


@dataclass(frozen=True, slots=True)
class RightCode:
    """Whose code it was."""

    caller_id: str


class Codes:
    """One living code an address: a new one takes the place of the last.

    The database knows neither the address nor the code.
    """

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._rows = database["session_codes"]
        self._decoys = database["session_code_decoys"]
        self._sealer = sealer

    async def prepare(self) -> None:
        """Make the index that finds what is over."""
        await self._rows.create_index([("expires_at", ASCENDING)])

    async def make(self, account: str, caller_id: str, at: datetime) -> str:
        """A new code for the account (an address' keyed hash); the earlier one is void."""
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        row = {
            "_id": account,
            "digest": self._digest(account, code),
            "caller_id": caller_id,
            "tries_left": TRIES_MAX,
            "expires_at": at + CODE_LIFE,
        }
        await self._rows.replace_one({"_id": account}, row, upsert=True)
        return code

    async def use(self, account: str, code: str, at: datetime) -> RightCode | None:
        """Whose it is, the first time a right code comes; None otherwise.

        A try is taken before it is looked at, so no number of tries at once is more than five.
        """
        alive = {"_id": account, "tries_left": {"$gt": 0}, "expires_at": {"$gt": at}}
        row = await self._rows.find_one_and_update(alive, {"$inc": {"tries_left": -1}})
        if row is None:
            # A try that counts is a durable write; one for nobody must take as long.
            place = {"_id": account[:DECOY_LENGTH]}
            await self._decoys.update_one(place, {"$inc": {"tries": 1}}, upsert=True)
        digest = self._digest(account, code)
        if row is None or not hmac.compare_digest(str(row["digest"]), digest):
            return None
        used = await self._rows.delete_one({"_id": account, "digest": digest})
        return RightCode(str(row["caller_id"])) if used.deleted_count else None

    async def forget(self, account: str) -> None:
        """Void the account's code."""
        await self._rows.delete_one({"_id": account})

    async def purge(self, at: datetime) -> None:
        """Drop what is over."""
        await self._rows.delete_many({"expires_at": {"$lte": at}})

    def _digest(self, account: str, code: str) -> str:
        return self._sealer.keyed_hash("session code", f"{account}\0{code}")


def code_in(text: str) -> str:
    """The digits of a code as typed: "123 456", "123-456"."""
    return "".join(letter for letter in text if letter.isdecimal() and letter.isascii())
