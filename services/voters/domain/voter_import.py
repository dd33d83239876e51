"""One import of a voter file: started, then finished or stopped; stream `import-<id>`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from libs.decider import Decider
from libs.events.base import Event
from libs.events.voters import (
    VoterFileImportConfirmed,
    VoterFileImported,
    VoterFileImportHeld,
    VoterFileImportStarted,
    VoterFileImportStopped,
)
from services.voters.domain.errors import ImportEnded, ImportNotHeld, NoSuchImport
from services.voters.domain.shrinking import Shrunk

CANCELLED = "cancelled"
THROWN_AWAY = "thrown-away"
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class StartImport:
    """A file was received whole."""

    campaign_id: str
    import_id: str
    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldImport:
    """Wait for a human: a look was asked for, the file has shrunk, or voters on file are missing.

    `voters_missing` is None where the file need not name everybody.
    """

    profile: str
    rows: int
    asked_for: bool
    shrunk: Shrunk | None
    voters_missing: int | None = None


@dataclass(frozen=True, slots=True)
class ConfirmImport:
    """A human wants it imported as it is."""

    confirmed_by: str


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
    is_held: bool = False
    is_confirmed: bool = False
    is_finished: bool = False
    stopped_for: str | None = None


Command = StartImport | HoldImport | ConfirmImport | FinishImport | StopImport


def evolve(voter_import: VoterImport, fact: object) -> VoterImport:
    """The import after `fact`."""
    match fact:
        case VoterFileImportStarted():
            return replace(voter_import, started=fact)
        case VoterFileImportHeld():
            return replace(voter_import, is_held=True)
        case VoterFileImportConfirmed():
            return replace(voter_import, is_confirmed=True)
        case VoterFileImported():
            return replace(voter_import, is_finished=True)
        case VoterFileImportStopped(reason=reason):
            return replace(voter_import, stopped_for=reason)
    return voter_import


def decide(voter_import: VoterImport, command: Command) -> Sequence[Event]:
    """Start once; hold and confirm at most once; end once, one way or the other."""
    match command:
        case StartImport(campaign_id=campaign_id, import_id=import_id, profile=profile):
            if voter_import.started:
                return []
            return [
                VoterFileImportStarted(
                    campaign_id=campaign_id, import_id=import_id, profile=profile
                )
            ]
        case HoldImport():
            return _hold(voter_import, command)
        case ConfirmImport(confirmed_by=confirmed_by):
            return _confirm(voter_import, confirmed_by)
        case FinishImport():
            return _finish(voter_import, command)
        case StopImport():
            return _stop(voter_import, command)


def _hold(voter_import: VoterImport, command: HoldImport) -> Sequence[Event]:
    started = _started(voter_import)
    if voter_import.stopped_for or voter_import.is_finished:
        raise ImportEnded
    if voter_import.is_held:
        return []
    shrunk = command.shrunk
    return [
        VoterFileImportHeld(
            campaign_id=started.campaign_id,
            import_id=started.import_id,
            profile=command.profile,
            reason="preview" if command.asked_for else "fewer_rows",
            rows=command.rows,
            rows_before=shrunk.rows_before if shrunk else None,
            import_id_before=shrunk.import_id_before if shrunk else None,
            voters_missing=command.voters_missing,
        )
    ]


def _confirm(voter_import: VoterImport, confirmed_by: str) -> Sequence[Event]:
    started = _started(voter_import)
    if voter_import.is_confirmed:
        return []
    if voter_import.stopped_for or voter_import.is_finished:
        raise ImportEnded
    if not voter_import.is_held:
        raise ImportNotHeld
    return [
        VoterFileImportConfirmed(
            campaign_id=started.campaign_id,
            import_id=started.import_id,
            confirmed_by=confirmed_by,
        )
    ]


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
