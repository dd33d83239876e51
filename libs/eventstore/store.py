"""The port of the log, and the one loop that every command runs."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from libs.decider import Conflict, Decider, Invalid, Refusal
from libs.events.base import Event, Recorded

State = TypeVar("State")
Command = TypeVar("Command")

APPEND_ATTEMPTS_MAX = 8


class StreamMoved(Conflict):
    """Someone else changed this at the same moment; please try again."""


class ClaimTaken(Conflict):
    """This name is taken."""

    def __init__(self, claim: str) -> None:
        super().__init__()
        self.claim = claim


class IdempotencyKeyReused(Invalid):
    """This Idempotency-Key was used before with another body; send a new key."""


@dataclass(frozen=True, slots=True)
class Meta:
    """What a commit knows about how it came to be. Ids only, never a person's data."""

    at: datetime
    actor: str
    campaign_id: str = ""
    correlation_id: str = ""
    causation_id: str = ""
    traceparent: str = ""
    device_at: datetime | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Commit:
    """The facts of one decision: one document, atomic, and its own outbox.

    `id` makes a command happen once; `(stream, version)` is the optimistic lock, versions count
    the commits of a stream from 1 without holes; `claims` are names that one commit ever holds.
    """

    id: str
    stream: str
    version: int
    facts: tuple[Event, ...]
    meta: Meta
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """A stream as read at majority: its last version (0: no commit yet) and all its facts."""

    version: int = 0
    facts: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Handled:
    """What a command led to: its commit, or None when there was nothing to do.

    `repeated` says that the same command had been recorded before; the commit is that first one.
    """

    commit: Commit | None
    repeated: bool = False

    @property
    def facts(self) -> tuple[Event, ...]:
        """The facts recorded, none when there was nothing to do."""
        return self.commit.facts if self.commit else ()


class Log(Protocol):
    """Where commits live. What `append` acknowledges is durable (majority, journal)."""

    async def append(self, commit: Commit) -> Commit:
        """Record a commit once and return it; a repeated id returns the commit first recorded.

        Raises StreamMoved when the version is taken and ClaimTaken when a claim is. An unknown
        outcome is retried with the same id until it is known.
        """

    async def read(self, stream: str) -> History:
        """All facts of a stream. Raises UnknownEvent for a fact this process does not declare."""

    async def read_many(self, streams: Iterable[str]) -> dict[str, History]:
        """Several streams in one round trip; a stream without commits is left out."""

    async def find(self, commit_id: str) -> Commit | None:
        """The commit recorded under this id."""

    async def claimed(self, claim: str) -> Commit | None:
        """The commit that holds this claim."""

    async def latest_claim(self, prefix: str) -> Commit | None:
        """The commit that holds the highest claim (by text order) that starts with `prefix`."""

    async def ping(self) -> None:
        """Return when the log can take writes; raise when it cannot."""

    def in_order(self, after: int = 0, up_to: int | None = None) -> AsyncIterator[Recorded]:
        """The facts of the log in the order the relay gave them, with position > `after`."""


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for a command, and under which id it is to be recorded once."""

    commit_id: str
    meta: Meta
    claims: tuple[str, ...] = field(default=())


async def handle(
    log: Log,
    decider: Decider[State, Command, Any],
    stream: str,
    command: Command,
    request: Request,
    *,
    known: tuple[int, State] | None = None,
) -> Handled:
    """Load, fold, decide, append; again when another writer was faster.

    `known` is a version and state held in memory: it saves the read, and is only an idea: the
    append fails when the stream has moved, and the loop reads. Raises what `decide` refuses,
    ClaimTaken, IdempotencyKeyReused, and StreamMoved after too many lost races.
    """
    for _ in range(APPEND_ATTEMPTS_MAX):
        if known is not None:
            version, state = known
        else:
            history = await log.read(stream)
            version, state = history.version, decider.fold(history.facts)
        try:
            facts: Sequence[Event] = decider.decide(state, command)
        except Refusal as refusal:
            if known is not None:
                known = None
                continue
            return await _recorded_before(log, request, refusal)
        if not facts:
            earlier = await log.find(request.commit_id)
            return Handled(_same(earlier, request), repeated=earlier is not None)
        commit = Commit(
            request.commit_id,
            stream,
            version + 1,
            tuple(facts),
            request.meta,
            request.claims,
        )
        try:
            recorded = await log.append(commit)
        except StreamMoved:
            known = None
            continue
        except ClaimTaken as taken:
            return await _recorded_before(log, request, taken)
        return Handled(_same(recorded, request), repeated=recorded is not commit)
    raise StreamMoved


async def _recorded_before(log: Log, request: Request, refusal: Refusal) -> Handled:
    """A repeat of a command that was done must not be refused because it was done."""
    earlier = await log.find(request.commit_id)
    if earlier is None:
        raise refusal
    return Handled(_same(earlier, request), repeated=True)


def _same(commit: Commit | None, request: Request) -> Commit | None:
    wanted = request.meta.fingerprint
    if commit is not None and wanted and commit.meta.fingerprint != wanted:
        raise IdempotencyKeyReused
    return commit
