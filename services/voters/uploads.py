"""Uploaded voter files: sealed in chunks while they arrive, and read back from any byte."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from hashlib import blake2b
from uuid import uuid4

from libs.database import Collection, Database
from services.voters.sealing import Seal, Sealer

CHUNK_BYTES = 1024 * 1024
ORPHAN_AFTER = timedelta(days=1)
STATES_WITH_FILE = ("uploading", "received", "checking", "preview", "held", "reading")


class Upload:
    """A file that is arriving: `write` what came, then `finish`. At most a chunk is in memory."""

    def __init__(self, chunks: Collection, sealer: Sealer, at: datetime) -> None:
        self.id = uuid4().hex
        self.bytes = 0
        self.wrapped_key, self._seal = sealer.new_key(_owner(self.id))
        self._chunks = chunks
        self._at = at
        self._written = 0
        self._buffer = bytearray()
        self._hash = blake2b(digest_size=16)

    @property
    def fingerprint(self) -> bytes:
        """A hash of all bytes so far."""
        return self._hash.digest()

    def sealed(self, place: str, text: str) -> bytes:
        """A text about the file, sealed with its key."""
        return self._seal.seal(place, text.encode())

    def take(self, content: bytes) -> None:
        """Remember bytes; `write` must follow soon."""
        self._buffer += content
        self.bytes += len(content)
        self._hash.update(content)

    async def write(self) -> None:
        """Seal and store the chunks that are full."""
        while len(self._buffer) >= CHUNK_BYTES:
            await self._store(bytes(self._buffer[:CHUNK_BYTES]))
            del self._buffer[:CHUNK_BYTES]

    async def finish(self) -> None:
        """Store what is left."""
        await self.write()
        if self._buffer:
            await self._store(bytes(self._buffer))
            self._buffer.clear()

    async def _store(self, content: bytes) -> None:
        place = _chunk_id(self.id, self._written)
        sealed = self._seal.seal(place, content)
        row = {"_id": place, "upload_id": self.id, "at": self._at, "content": sealed}
        await self._chunks.insert_one(row)
        self._written += 1


class Uploads:
    """The stored files. A file's key lies in its import's record, wrapped."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._chunks = database["upload_chunks"]
        self._imports = database["imports"]
        self._sealer = sealer

    async def prepare(self) -> None:
        """Make the indexes."""
        await self._chunks.create_index([("upload_id", 1)])
        await self._chunks.create_index([("at", 1)])

    def begin(self, at: datetime) -> Upload:
        """A new, empty file."""
        return Upload(self._chunks, self._sealer, at)

    def seal_of(self, upload_id: str, wrapped_key: bytes) -> Seal:
        """The file's key, opened; what an import keeps of its rows is sealed with it too."""
        return self._sealer.opened(_owner(upload_id), wrapped_key)

    async def read(self, upload_id: str, seal: Seal, offset: int = 0) -> AsyncIterator[bytes]:
        """The file from a byte on, in chunks."""
        number, skipped = divmod(offset, CHUNK_BYTES)
        while True:
            place = _chunk_id(upload_id, number)
            row = await self._chunks.find_one({"_id": place})
            if row is None:
                return
            content = seal.open(place, row["content"])
            yield content[skipped:] if skipped else content
            number, skipped = number + 1, 0

    async def forget(self, upload_id: str) -> None:
        """Delete a file."""
        await self._chunks.delete_many({"upload_id": upload_id})

    async def forget_orphans(self, now: datetime) -> None:
        """Delete what arrived more than a day ago and no import is going to read."""
        old = {"at": {"$lt": now - ORPHAN_AFTER}}
        for upload_id in await self._chunks.distinct("upload_id", old):
            record = await self._imports.find_one({"upload_id": upload_id})
            if record is None or record["state"] not in STATES_WITH_FILE:
                await self.forget(upload_id)


def _owner(upload_id: str) -> str:
    return f"upload/{upload_id}"


def _chunk_id(upload_id: str, number: int) -> str:
    return f"{upload_id}/{number:06}"
