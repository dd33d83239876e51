"""An import's stream: started once, ended once."""

from libs.events.voters import (
    VoterFileImported,
    VoterFileImportStarted,
    VoterFileImportStopped,
)
from services.voters.domain.errors import ImportEnded, NoSuchImport
from services.voters.domain.voter_import import (
    CANCELLED,
    IMPORT,
    FinishImport,
    StartImport,
    StopImport,
)
from tests.support.spec import spec

START = StartImport("c", "i", "auto")
FINISH = FinishImport(
    profile="pa-full-voter-export", rows_read=9, rows_kept=8, rows_changed=2, rows_rejected=1
)
STARTED = VoterFileImportStarted(campaign_id="c", import_id="i", profile="auto")
RUNNING = spec(IMPORT).given(STARTED)


def test_it_starts_once() -> None:
    spec(IMPORT).when(START).then(STARTED)
    RUNNING.when(START).then()


def test_it_ends_once_with_its_figures() -> None:
    RUNNING.when(FINISH).then(
        VoterFileImported(
            campaign_id="c",
            import_id="i",
            profile="pa-full-voter-export",
            rows_read=9,
            rows_kept=8,
            rows_changed=2,
            rows_rejected=1,
        )
    )
    RUNNING.done(FINISH).when(FINISH).then()


def test_it_stops_for_a_reason_and_not_after_its_end() -> None:
    stopped = VoterFileImportStopped(campaign_id="c", import_id="i", reason=CANCELLED)
    RUNNING.when(StopImport(CANCELLED)).then(stopped)
    RUNNING.done(StopImport(CANCELLED)).when(StopImport(CANCELLED)).then()
    RUNNING.done(FINISH).when(StopImport(CANCELLED)).then_refused(ImportEnded)
    RUNNING.done(StopImport(CANCELLED)).when(FINISH).then_refused(ImportEnded)


def test_what_was_never_started_does_not_end() -> None:
    spec(IMPORT).when(FINISH).then_refused(NoSuchImport)
    spec(IMPORT).when(StopImport(CANCELLED)).then_refused(NoSuchImport)
