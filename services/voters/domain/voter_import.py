"""One import of a voter file: started, then finished or stopped; stream `import-<id>`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from libs.decider import Decider
from libs.events.base import Event
from libs.events.voters import (
    VoterFileImported,
    VoterFileImportStarted,
    VoterFileImportStopped,
)
from services.voters.domain.errors import ImportEnded, NoSuchImport

CANCELLED = "cancelled"
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class StartImport:
    """A file was received whole."""

    campaign_id: str
    import_id: str
    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishImport:
    """The file was read to its end; `profile` is the layout that it had."""

    profile: str
    rows_read: int
    rows_kept: int
    rows_changed: int
    rows_rejected: int


@dataclass(frozen=True, slots=True)
class StopImport:
    """Read no further, because of `reason`."""

    reason: str


@dataclass(frozen=True, slots=True)
class VoterImport:
    """What its facts made of it."""

    started: VoterFileImportStarted | None = None
    is_finished: bool = False
    stopped_for: str | None = None


Command = StartImport | FinishImport | StopImport


def evolve(voter_import: VoterImport, fact: object) -> VoterImport:
    """The import after `fact`."""
    match fact:
        case VoterFileImportStarted():
            return replace(voter_import, started=fact)
        case VoterFileImported():
            return replace(voter_import, is_finished=True)
        case VoterFileImportStopped(reason=reason):
            return replace(voter_import, stopped_for=reason)
    return voter_import


def decide(voter_import: VoterImport, command: Command) -> Sequence[Event]:
    """Start once; end once, one way or the other."""
    match command:
        case StartImport(campaign_id=campaign_id, import_id=import_id, profile=profile):
            if voter_import.started:
                return []
            return [
                VoterFileImportStarted(
                    campaign_id=campaign_id, import_id=import_id, profile=profile
                )
            ]
        case FinishImport():
            return _finish(voter_import, command)
        case StopImport():
            return _stop(voter_import, command)


def _finish(voter_import: VoterImport, command: FinishImport) -> Sequence[Event]:
    started = _started(voter_import)
    if voter_import.stopped_for:
        raise ImportEnded
    if voter_import.is_finished:
        return []
    return [
        VoterFileImported(
            campaign_id=started.campaign_id,
            import_id=started.import_id,
            profile=command.profile,
            rows_read=command.rows_read,
            rows_kept=command.rows_kept,
            rows_changed=command.rows_changed,
            rows_rejected=command.rows_rejected,
        )
    ]


def _stop(voter_import: VoterImport, command: StopImport) -> Sequence[Event]:
    started = _started(voter_import)
    if voter_import.is_finished:
        raise ImportEnded
    if voter_import.stopped_for:
        return []
    return [
        VoterFileImportStopped(
            campaign_id=started.campaign_id,
            import_id=started.import_id,
            reason=command.reason,
        )
    ]


def _started(voter_import: VoterImport) -> VoterFileImportStarted:
    if voter_import.started is None:
        raise NoSuchImport
    return voter_import.started


IMPORT: Decider[VoterImport, Command, object] = Decider(VoterImport, evolve, decide)


def stream_of(import_id: str) -> str:
    """The stream of an import."""
    return f"import-{import_id}"
