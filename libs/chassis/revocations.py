"""Sessions that ended before their tokens did: a small view, kept in memory beside the routes."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from libs.chassis.clock import Now
from libs.chassis.tokens import TOKEN_SECONDS, Principal
from libs.database import Database, PyMongoError
from libs.events.base import Event, Recorded
from libs.events.identity import SessionsRevoked
from libs.views.view import Index, Row

log = structlog.get_logger()

REFRESH_SECONDS = 1.0


class RevokedSessions:
    """The view: one row a session, or one a caller for "all sessions before"."""

    name = "revoked_sessions"
    version = 1
    listens: tuple[type[Event], ...] = (SessionsRevoked,)
    indexes: tuple[Index, ...] = (Index([("revoked_at", 1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The session's row, or the caller's."""
        match fact.event:
            case SessionsRevoked(session_id=None, caller_id=caller_id):
                yield f"caller/{caller_id}"
            case SessionsRevoked(session_id=session_id):
                yield f"session/{session_id}"

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """The latest revocation counts."""
        match fact.event:
            case SessionsRevoked(revoked_at=revoked_at):
                latest = max(revoked_at, (row or {}).get("revoked_at", revoked_at))
                return (row or {}) | {"revoked_at": latest}
        return row


class Revocations:
    """The same rows in memory, read every second; those older than a token's life are let go."""

    def __init__(self, database: Database | None, now: Now) -> None:
        self._database = database
        self._now = now
        self._revoked_at: dict[str, datetime] = {}

    def has(self, principal: Principal) -> bool:
        """Whether this token's session was ended after the token was made."""
        by_session = self._revoked_at.get(f"session/{principal.session_id}")
        by_caller = self._revoked_at.get(f"caller/{principal.caller_id}")
        return by_session is not None or (
            by_caller is not None and principal.issued_at <= by_caller
        )

    def note(self, key: str, revoked_at: datetime) -> None:
        """Act at once in this process (`session/<id>`, `caller/<id>`), before the bus has told."""
        self._revoked_at[key] = revoked_at

    async def refresh(self) -> None:
        """Read the rows that a living token could still need."""
        if self._database is None:
            return
        since = self._now() - timedelta(seconds=TOKEN_SECONDS)
        rows = self._database[f"{RevokedSessions.name}_v{RevokedSessions.version}"]
        async for row in rows.find({"revoked_at": {"$gte": since}}):
            self._revoked_at[row["_id"]] = row["revoked_at"]
        for key in [k for k, at in self._revoked_at.items() if at < since]:
            del self._revoked_at[key]

    async def keep_fresh(self) -> None:
        """Run until cancelled."""
        running = asyncio.current_task()
        while True:
            try:
                await self.refresh()
            except PyMongoError as error:
                log.warning("revoked sessions not read", error=type(error).__name__)
            # PyMongo may answer a cancellation with an error of its own.
            if running is not None and running.cancelling():
                return
            await asyncio.sleep(REFRESH_SECONDS)
