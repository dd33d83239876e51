"""The MongoDB driver under the house's own names: PyMongo's async API, or Motor where told to."""

from typing import Any, Literal, cast

import bson
from bson import ObjectId
from bson.codec_options import CodecOptions
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument
from pydantic_settings import BaseSettings, SettingsConfigDict
from pymongo import (
    ASCENDING,
    DESCENDING,
    AsyncMongoClient,
    InsertOne,
    ReplaceOne,
    UpdateOne,
)
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.cursor import AsyncCursor
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from libs.motor_driver import MotorClient

Document = dict[str, Any]
Client = AsyncMongoClient[Document]
Database = AsyncDatabase[Document]
Collection = AsyncCollection[Document]
Cursor = AsyncCursor[Document]
Driver = Literal["pymongo", "motor"]

DUPLICATE_KEY = 11000
DOCUMENT_BYTES_MAX = 16 * 1024 * 1024
SELECTION_TIMEOUT_MS = 10_000

# What may pass by itself: the command is sent again.
TRANSIENT = (AutoReconnect, ConnectionFailure, WTimeoutError, WriteConcernError)


class DriverSettings(BaseSettings):
    """Which driver every process of this environment uses."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    mongo_driver: Driver = "pymongo"


def connect(
    url: str, *, pool_size: int = 32, retry_writes: bool = True, driver: Driver | None = None
) -> Client:
    """A client that writes with majority and journal, reads at majority, and retries.

    Nothing is opened until the first question. Times come back in UTC and zone-aware.
    `retry_writes` False is for writers that send again by themselves, as the log and the view
    runner do: for each document of a write that may be retried the server keeps a second one,
    in `config.transactions`. `driver` None: what `MONGO_DRIVER` says.
    """
    options: dict[str, Any] = {
        "tz_aware": True,
        "maxPoolSize": pool_size,
        "serverSelectionTimeoutMS": SELECTION_TIMEOUT_MS,
        "w": "majority",
        "journal": True,
        "retryWrites": retry_writes,
        "retryReads": True,
        "readConcernLevel": "majority",
    }
    if (driver or DriverSettings().mongo_driver) == "motor":
        # It passes the same contract (tests/contracts/test_store.py), which its types cannot say.
        return cast("Client", MotorClient(url, **options))
    return AsyncMongoClient(url, **options)


def as_bson(document: Document) -> RawBSONDocument:
    """The document encoded once; the driver then sends these bytes as they are.

    Raises ValueError for what cannot be stored: a value BSON does not know, or too many bytes.
    """
    try:
        encoded = bson.encode(document)
    except (BSONError, OverflowError, TypeError) as error:
        message = f"BSON cannot hold it: {error}"
        raise ValueError(message) from error
    if len(encoded) > DOCUMENT_BYTES_MAX:
        message = f"{len(encoded)} bytes are more than a document may have"
        raise ValueError(message)
    return _Encoded(encoded)


class _Encoded(RawBSONDocument):
    """Is there, without being asked for its fields: the driver asks each document it is given."""

    def __bool__(self) -> bool:
        return True


def as_read_back(document: Document) -> Document:
    """The document as it would be read after having been stored: lists, UTC, milliseconds."""
    return bson.decode(bson.encode(document), CodecOptions(tz_aware=True))


__all__ = [
    "ASCENDING",
    "DESCENDING",
    "DUPLICATE_KEY",
    "TRANSIENT",
    "BulkWriteError",
    "Client",
    "Collection",
    "Cursor",
    "Database",
    "Document",
    "Driver",
    "DuplicateKeyError",
    "InsertOne",
    "ObjectId",
    "OperationFailure",
    "PyMongoError",
    "RawBSONDocument",
    "ReadConcern",
    "ReplaceOne",
    "UpdateOne",
    "WriteConcern",
    "as_bson",
    "as_read_back",
    "connect",
]
