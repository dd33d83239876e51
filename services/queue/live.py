"""The open screen's quiet line: an assignment was withdrawn, its lease moved, it is over."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import orjson
import structlog

from libs.database import PyMongoError
from libs.events.base import Event
from libs.events.queue import (
    AssignmentExpired,
    AssignmentReleased,
    AssignmentWithdrawn,
    LineSuppressed,
)
from libs.eventstore.store import History, Log
from services.queue.domain.line import LINE

LOOK_SECONDS = 2.0
PING_SECONDS = 15.0
STREAMS_PER_LOOK = 500
RETRY_MS = 2_000

log = structlog.get_logger()


@dataclass(slots=True)
class _Watched:
    """A line that somebody's screen shows: who waits for news, and what was seen last."""

    history: History = field(default_factory=History)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    watchers: int = 0


class LiveAssignments:
    """Reads all watched lines together, every two seconds; nothing while nobody watches."""

    def __init__(self, events: Log) -> None:
        self._log = events
        self._watched: dict[str, _Watched] = {}
        self._look_now = asyncio.Event()

    def notice(self) -> None:
        """This process has just changed a line: look now."""
        self._look_now.set()

    async def keep_looking(self) -> None:
        """Run until cancelled."""
        while True:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._look_now.wait()
            except TimeoutError:
                pass
            self._look_now.clear()
            try:
                await self._look()
            except PyMongoError as error:
                log.warning("watched lines not read", error=type(error).__name__)

    async def _look(self) -> None:
        streams = list(self._watched)
        for start in range(0, len(streams), STREAMS_PER_LOOK):
            histories = await self._log.read_many(streams[start : start + STREAMS_PER_LOOK])
            for stream, history in histories.items():
                watched = self._watched.get(stream)
                if watched is not None and history.version > watched.history.version:
                    watched.history = history
                    watched.changed.set()
                    watched.changed = asyncio.Event()

    async def messages(self, stream: str, assignment_id: str) -> AsyncIterator[bytes]:
        """SSE messages about one assignment; a comment now and then keeps the connection.

        `lease` {lease_expires_at} whenever it changes and at first; `withdrawn` {reason,
        voter_ids}; `closed` {} when it ended otherwise. The id is the line's version.
        """
        watched = self._watched.setdefault(stream, _Watched())
        watched.watchers += 1
        try:
            if not watched.history.version:
                watched.history = await self._log.read(stream)
            yield f"retry: {RETRY_MS}\n\n".encode()
            told = b""
            while True:
                changed, history = watched.changed, watched.history
                name, body = news(history, assignment_id)
                message = sse(name, body, history.version)
                if message != told:
                    told = message
                    yield message
                # After the end the line stays open and quiet: a browser would only connect again.
                try:
                    async with asyncio.timeout(PING_SECONDS):
                        await changed.wait()
                except TimeoutError:
                    yield b": still here\n\n"
        finally:
            watched.watchers -= 1
            if not watched.watchers:
                self._watched.pop(stream, None)


def news(history: History, assignment_id: str) -> tuple[str, dict[str, object]]:
    """What the screen has to know of its assignment: the lease, or that and how it is over."""
    line = LINE.fold(history.facts)  # type: ignore[arg-type]  # its own stream.
    if line.assignment is not None and line.assignment.id == assignment_id:
        return "lease", {"lease_expires_at": line.assignment.lease_expires_at}
    for place, fact in reversed(list(enumerate(history.facts))):
        match fact:
            case AssignmentWithdrawn() if fact.assignment_id == assignment_id:
                return "withdrawn", {
                    "reason": fact.reason,
                    "voter_ids": _concerned(history.facts[:place], fact),
                }
            case AssignmentExpired() if fact.assignment_id == assignment_id:
                return "closed", {"how": "expired"}
            case AssignmentReleased() if fact.assignment_id == assignment_id:
                return "closed", {"how": "released"}
    return "closed", {"how": "ended"}


def _concerned(earlier: Sequence[Event], withdrawn: AssignmentWithdrawn) -> Sequence[str]:
    """The voters of the assignment that the reason is about; all where it is about the line."""
    last = earlier[-1] if earlier else None
    if isinstance(last, LineSuppressed) and last.reason == withdrawn.reason and last.voter_id:
        return (last.voter_id,)
    return withdrawn.voter_ids


def sse(name: str, body: dict[str, object], version: int) -> bytes:
    """One server-sent event."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (version, name.encode(), orjson.dumps(body))
