"""Browsers that proved a mailbox: remembered for thirty days, so that no code is asked again."""

import hashlib
import secrets
from datetime import datetime, timedelta

from libs.database import ASCENDING, Database

TOKEN_BYTES = 32
TOKEN_LENGTH_MAX = 64
REMEMBERED_FOR = timedelta(days=30)


class Devices:
    """One row a browser and caller. Only SHA-256 of the cookie is kept, so the database opens none.

    Logging out, another password, and erasing forget them.
    """

    def __init__(self, database: Database) -> None:
        self._rows = database["devices"]

    async def prepare(self) -> None:
        """Make the indexes."""
        await self._rows.create_index([("caller_id", ASCENDING)])
        await self._rows.create_index([("expires_at", ASCENDING)])

    async def remember(self, caller_id: str, organization_id: str | None, at: datetime) -> str:
        """A new cookie for this caller's browser."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        row = {
            "_id": _digest(token),
            "caller_id": caller_id,
            "organization_id": organization_id,
            "expires_at": at + REMEMBERED_FOR,
        }
        await self._rows.insert_one(row)
        return token

    async def recall(self, token: str | None, at: datetime) -> tuple[str, str | None] | None:
        """The caller and the organization of the browser with this cookie, if it is remembered."""
        if token is None or not 0 < len(token) <= TOKEN_LENGTH_MAX:
            return None
        row = await self._rows.find_one({"_id": _digest(token), "expires_at": {"$gt": at}})
        return (row["caller_id"], row["organization_id"]) if row else None

    async def forget(self, token: str | None) -> None:
        """Forget this browser."""
        if token is not None:
            await self._rows.delete_one({"_id": _digest(token)})

    async def forget_all(self, caller_id: str) -> None:
        """Forget every browser of the caller."""
        await self._rows.delete_many({"caller_id": caller_id})

    async def purge(self, at: datetime) -> None:
        """Drop what is over."""
        await self._rows.delete_many({"expires_at": {"$lte": at}})


def device_cookie(public_url: str) -> str:
    """The cookie's name: bound to this very host where the site speaks https."""
    return "__Host-device" if public_url.startswith("https://") else "device"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
