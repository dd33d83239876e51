"""One-time links: random, kept as hashes, bound to one purpose; and the paths they may lead to."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from libs.database import Database
from services.identity.domain.errors import LinkInvalid

TOKEN_BYTES = 32
LINK_LIFE = timedelta(hours=24)
RESET_LIFE = timedelta(hours=1)
PATH_LENGTH_MAX = 512

Purpose = Literal["confirmation", "session", "reset"]


@dataclass(frozen=True, slots=True)
class Link:
    """What a followed link stands for.

    `registration_id` names whose typed data it confirms: the caller's own, or that of a later
    registration of the same, still unconfirmed, address. `organization_id` is whose volunteer a
    session will be that the link opens.
    """

    digest: str
    caller_id: str
    registration_id: str
    next_path: str | None
    organization_id: str | None = None


class Links:
    """The links that were mailed. Only SHA-256 of a token is kept, so the database opens none."""

    def __init__(self, database: Database) -> None:
        self._rows = database["links"]

    async def make(
        self,
        purpose: Purpose,
        *,
        caller_id: str,
        registration_id: str,
        next_path: str | None,
        at: datetime,
        organization_id: str | None = None,
        life: timedelta = LINK_LIFE,
    ) -> str:
        """A new link's token, good for its `life`."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        row = {
            "_id": _digest(purpose, token),
            "purpose": purpose,
            "caller_id": caller_id,
            "registration_id": registration_id,
            "next_path": next_path,
            "organization_id": organization_id,
            "expires_at": at + life,
        }
        await self._rows.insert_one(row)
        return token

    async def follow(self, purpose: Purpose, token: str, at: datetime) -> Link:
        """What the token stands for. Raises LinkInvalid for a foreign, old or misused one."""
        row = await self._rows.find_one({"_id": _digest(purpose, token)})
        if row is None or row["expires_at"] <= at:
            raise LinkInvalid
        return Link(
            row["_id"],
            row["caller_id"],
            row["registration_id"],
            row["next_path"],
            row.get("organization_id"),
        )

    async def use(self, link: Link, at: datetime) -> bool:
        """Mark it used; True the first time, and only once whoever else asks at that moment."""
        unused = {"_id": link.digest, "used_at": None}
        result = await self._rows.update_one(unused, {"$set": {"used_at": at}})
        return result.modified_count == 1

    async def void(self, purpose: Purpose, caller_id: str) -> None:
        """Let no earlier link of this purpose lead anywhere."""
        await self._rows.delete_many({"purpose": purpose, "caller_id": caller_id})

    async def purge(self, at: datetime) -> list[str]:
        """Drop the links nobody can follow any more; answers the registrations they leave."""
        dead = {"expires_at": {"$lte": at}}
        left = {"$expr": {"$ne": ["$caller_id", "$registration_id"]}}
        rows = await self._rows.find(dead | left, {"registration_id": 1}).to_list()
        await self._rows.delete_many(dead)
        return [row["registration_id"] for row in rows]


def local_path(text: str | None) -> str | None:
    r"""`text` if it is a path on this site, else None: a link of ours never leads elsewhere.

    Browsers read `\` as `/` and skip tabs and newlines, so both are refused, not repaired.
    """
    if not text or len(text) > PATH_LENGTH_MAX or not text.startswith("/"):
        return None
    if text.startswith("//") or "\\" in text or not text.isprintable():
        return None
    parts = urlsplit(text)
    # Two slashes in a path are another host's name once dots before them are worked out.
    if parts.scheme or parts.netloc or "//" in parts.path:
        return None
    return text


def organization_named(path: str | None) -> str | None:
    """The organization a path speaks of: its Calls Page, or `?organization=` of any other."""
    if path is None:
        return None
    parts = urlsplit(path)
    head, _, slug = parts.path.removeprefix("/").partition("/")
    if head == "calls" and slug:
        return slug.partition("/")[0]
    return next(iter(parse_qs(parts.query).get("organization", [])), None)


def invitation_named(path: str | None) -> str | None:
    """The invitation through which a path was reached: `?invitation=`."""
    query = urlsplit(path).query if path else ""
    return next(iter(parse_qs(query).get("invitation", [])), None)


def _digest(purpose: Purpose, token: str) -> str:
    return hashlib.sha256(f"{purpose}\0{token}".encode()).hexdigest()
