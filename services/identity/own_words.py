"""What a caller means to say at a phone bank, in their own words: theirs alone, sealed."""

import msgspec

from libs.database import ASCENDING, Database
from services.identity.sealing import Sealed, Sealer

TEXT_LENGTH_MAX = 4_000


class _Words(msgspec.Struct, frozen=True):
    text: str


class OwnWords:
    """One sealed text a caller and phone bank, its key beside it; erasing destroys both."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._rows = database["own_words"]
        self._sealer = sealer

    async def prepare(self) -> None:
        """Make the index by which a caller's are erased."""
        await self._rows.create_index([("caller_id", ASCENDING)])

    async def read(self, caller_id: str, bank_id: str) -> str:
        """The text, "" where there is none."""
        place = _place(caller_id, bank_id)
        row = await self._rows.find_one({"_id": place})
        if row is None:
            return ""
        return self._sealer.open(place, Sealed(row["key"], row["content"]), _Words).text

    async def write(self, caller_id: str, bank_id: str, text: str) -> None:
        """Keep this text in place of the last; an empty one is none."""
        place = _place(caller_id, bank_id)
        if not text:
            await self._rows.delete_one({"_id": place})
            return
        sealed = self._sealer.seal(place, _Words(text))
        row = {
            "_id": place,
            "caller_id": caller_id,
            "key": sealed.key,
            "content": sealed.content,
        }
        await self._rows.replace_one({"_id": place}, row, upsert=True)

    async def erase(self, caller_id: str) -> None:
        """Destroy all texts of the caller, and their keys."""
        await self._rows.delete_many({"caller_id": caller_id})


def _place(caller_id: str, bank_id: str) -> str:
    return f"own words/{caller_id}/{bank_id}"
