"""Log-in sessions: an opaque token outside, a signed ten-minute token inside, ended at once."""

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from libs.chassis.clock import Now
from libs.chassis.problems import Unavailable
from libs.chassis.revocations import Revocations
from libs.chassis.tokens import TOKEN_SECONDS, Grant, Principal, Tokens
from libs.database import ASCENDING, Database, Document, PyMongoError
from libs.events.identity import Door, RoleGranted
from libs.eventstore.store import Log
from services.identity.domain.caller import CALLER, Caller
from services.identity.doors import Doors
from services.identity.languages import words_for
from services.identity.own_lines import OwnLines

OPAQUE_BYTES = 32
OPAQUE_LENGTH_MAX = 64
ABSOLUTE_LIFE = timedelta(days=14)
IDLE_LIFE = timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=5)
KEPT_SECONDS_MAX = 60
KEPT_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Session:
    """A server-side record; `expires_at` is the absolute end, `door` how it was opened."""

    session_id: str
    caller_id: str
    organization_id: str | None
    expires_at: datetime
    door: Door


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str
    principal: Principal
    fresh_until: datetime


class Sessions:
    """The records, and the exchange of the opaque token for a signed one.

    The database knows SHA-256 of an opaque token only.
    """

    def __init__(
        self,
        database: Database,
        log: Log,
        tokens: Tokens,
        revocations: Revocations,
        now: Now,
        *,
        own_lines: OwnLines,
    ) -> None:
        self._rows = database["sessions"]
        self._log = log
        self._tokens = tokens
        self._revocations = revocations
        self._now = now
        self._own_lines = own_lines
        self._doors = Doors(log, database)
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def prepare(self) -> None:
        """Make the indexes."""
        await self._rows.create_index([("session_id", ASCENDING)])
        await self._rows.create_index([("caller_id", ASCENDING)])

    async def open(
        self, caller_id: str, organization_id: str | None, door: Door
    ) -> tuple[str, Session]:
        """A new session and its opaque token: nothing of campaigns that do not accept the door.

        A password is the door "action_id", which every campaign accepts of who has one.
        """
        at = self._now()
        opaque = secrets.token_urlsafe(OPAQUE_BYTES)
        session = Session(uuid4().hex, caller_id, organization_id, at + ABSOLUTE_LIFE, door)
        await self._rows.insert_one(
            {
                "_id": _digest(opaque),
                "session_id": session.session_id,
                "caller_id": caller_id,
                "organization_id": organization_id,
                "door": door,
                "created_at": at,
                "seen_at": at,
                "expires_at": session.expires_at,
            }
        )
        return opaque, session

    async def exchange(self, opaque: str) -> str | None:
        """A signed token for this session, or None when there is no such session (any more).

        Kept in memory for a minute; an ended session is never answered from there. Raises
        Unavailable while the database, or about a caller's own number the vault, cannot be asked.
        """
        if not 0 < len(opaque) <= OPAQUE_LENGTH_MAX:
            return None
        digest, at = _digest(opaque), self._now()
        kept = self._kept.get(digest)
        if kept and kept.fresh_until > at and not self._revocations.has(kept.principal):
            return kept.token
        self._kept.pop(digest, None)
        try:
            principal = await self._principal(digest, at)
        except PyMongoError as error:
            raise Unavailable from error
        if principal is None:
            return None
        token = self._tokens.sign(principal)
        fresh_until = min(at + timedelta(seconds=KEPT_SECONDS_MAX), principal.expires_at)
        self._kept[digest] = _Kept(token, principal, fresh_until)
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return token

    async def find(self, session_id: str) -> Session | None:
        """The session of a signed token, if it has not ended."""
        row = await self._rows.find_one({"session_id": session_id})
        return _session(row) if row is not None and _lives(row, self._now()) else None

    async def roles_in(self, session: Session, caller: Caller) -> tuple[RoleGranted, ...]:
        """The caller's roles as far as this session has them."""
        shut = await self._doors.shut(session.door, caller.roles, session.organization_id)
        return tuple(role for role in caller.roles if role.campaign_id not in shut)

    async def end(self, session_id: str) -> None:
        """No token of this session is made again; here those already made stop at once."""
        await self._rows.delete_many({"session_id": session_id})
        self._revocations.note(f"session/{session_id}", self._now())

    async def end_all(self, caller_id: str) -> None:
        """The same for every session of a caller."""
        await self._rows.delete_many({"caller_id": caller_id})
        self._revocations.note(f"caller/{caller_id}", self._now())
        self.forget(caller_id)

    async def end_others(self, caller_id: str, session_id: str | None) -> list[str]:
        """End every session of a caller but this one; answers the ids of those that ended."""
        others = {"caller_id": caller_id, "session_id": {"$ne": session_id}}
        ended = [row["session_id"] for row in await self._rows.find(others).to_list()]
        await self._rows.delete_many({"session_id": {"$in": ended}})
        for each in ended:
            self._revocations.note(f"session/{each}", self._now())
        return ended

    def forget(self, caller_id: str) -> None:
        """Make the caller's next token anew: their roles have changed."""
        for digest in [d for d, k in self._kept.items() if k.principal.caller_id == caller_id]:
            del self._kept[digest]

    async def purge(self, at: datetime) -> None:
        """Drop what has ended by itself."""
        idle = {"seen_at": {"$lte": at - IDLE_LIFE}}
        await self._rows.delete_many({"$or": [{"expires_at": {"$lte": at}}, idle]})

    async def _principal(self, digest: str, at: datetime) -> Principal | None:
        row = await self._rows.find_one({"_id": digest})
        if row is None or not _lives(row, at):
            return None
        session = _session(row)
        history = await self._log.read(f"caller-{session.caller_id}")
        caller = CALLER.fold(history.facts)
        if not caller.confirmed:
            return None
        if at - row["seen_at"] >= SEEN_EVERY:
            await self._rows.update_one({"_id": digest}, {"$max": {"seen_at": at}})
        own_lines = await self._own_lines.of(session.caller_id, caller, session.organization_id)
        shut = await self._doors.shut(session.door, caller.roles, session.organization_id)
        # Whole seconds, as the token itself keeps them.
        issued_at = at.replace(microsecond=0)
        return Principal(
            caller_id=session.caller_id,
            session_id=session.session_id,
            issued_at=issued_at,
            expires_at=min(issued_at + timedelta(seconds=TOKEN_SECONDS), session.expires_at),
            grants=tuple(
                Grant(role.role, role.campaign_id, role.organization_id)
                for role in caller.roles
                if role.campaign_id not in shut
            ),
            organization_id=session.organization_id,
            languages=words_for(caller.languages),
            own_lines=own_lines,
            shut_campaigns=tuple(sorted(shut)),
        )


def _session(row: Document) -> Session:
    return Session(
        row["session_id"],
        row["caller_id"],
        row["organization_id"],
        row["expires_at"],
        # Of a session without it we do not know whether there was a password.
        row.get("door", "bluevote"),
    )


def _lives(row: Document, at: datetime) -> bool:
    return bool(row["expires_at"] > at and row["seen_at"] + IDLE_LIFE > at)


def _digest(opaque: str) -> str:
    return hashlib.sha256(opaque.encode()).hexdigest()
