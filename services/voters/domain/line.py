"""List cleaning: a line reported disconnected is suspect at first, then retired; a slip undoes it.

The stream is `line-<campaign>-<line>`. A household's results of one call are one report.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from libs.decider import Decider
from libs.events.base import Event
from libs.events.voters import LineReinstated, LineRetired, LineSuspected
from services.voters.domain.facts import LineReported


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDisconnected:
    """A caller heard that nobody can be reached here; `definite` is a recording that says so."""

    campaign_id: str
    line_id: str
    call_id: str
    voter_id: str
    definite: bool
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackReport:
    """The result of this call for this voter is another one now, or counts no longer."""

    campaign_id: str
    line_id: str
    call_id: str
    voter_id: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """What one result said of the line last; `received_at` None: not known, it is an old one."""

    call_id: str
    stands: bool = True
    definite: bool = False
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What its facts made of it: the reports by call and voter, and whether that retired it."""

    reports: Mapping[tuple[str, str], Report] = field(default_factory=dict)
    is_retired: bool = False

    @property
    def reporting(self) -> frozenset[str]:
        """The calls whose reports stand."""
        return frozenset(each.call_id for each in self.reports.values() if each.stands)

    @property
    def is_dead(self) -> bool:
        """Whether the reports that stand retire the line: a definite one, or those of two calls."""
        definite = any(each.stands and each.definite for each in self.reports.values())
        return definite or len(self.reporting) > 1


LineCommand = ReportDisconnected | TakeBackReport


def evolve(line: Line, fact: object) -> Line:
    """The line after `fact`."""
    match fact:
        case LineReported():
            report = Report(fact.call_id, fact.stands, fact.definite, fact.received_at)
            others = {key: each for key, each in line.reports.items() if key != (fact.call_id, "")}
            return _with(replace(line, reports=others), fact.voter_id, report)
        case LineSuspected(call_id=call_id):
            known = call_id in line.reporting
            return line if known else _with(line, "", Report(call_id))
        case LineRetired(call_id=call_id):
            if not line.is_dead:
                # Before reports were facts of their own, this one was all that told of a report.
                alone = line.reporting <= {call_id}
                line = _with(line, "", Report(call_id, definite=alone))
            return replace(line, is_retired=True)
        case LineReinstated():
            return replace(line, is_retired=False)
    return line


def decide(line: Line, command: LineCommand) -> Sequence[Event]:
    """Suspect at the first report; retired at the second call's, or when it is definite.

    When a report is taken back, the others decide.
    """
    reports, call_id = line.reports, command.call_id
    # Old reports do not tell of which voter's result they are: any of the call's is theirs.
    known = reports.get((call_id, command.voter_id)) or reports.get((call_id, ""))
    match command:
        case ReportDisconnected(definite=definite):
            if known and (
                _is_as_new(known, command.received_at) or _is_said(known, definite=definite)
            ):
                return []
            reported = _reported(command, stands=True, definite=definite)
        case TakeBackReport():
            if not known or not known.stands or _is_newer(known, command.received_at):
                return []
            reported = _reported(command, stands=False, definite=False)
        case _:
            assert_never(command)
    return [reported, *_consequence(line, evolve(line, reported), command)]


def _consequence(line: Line, after: Line, command: LineCommand) -> Sequence[Event]:
    ids = {
        "campaign_id": command.campaign_id,
        "line_id": command.line_id,
        "call_id": command.call_id,
    }
    if line.is_retired:
        return [] if after.is_dead else [LineReinstated(**ids)]
    if after.is_dead:
        return [LineRetired(**ids)]
    first = after.reporting and not line.reporting
    return [LineSuspected(**ids)] if first else []


def _with(line: Line, voter_id: str, report: Report) -> Line:
    return replace(line, reports={**line.reports, (report.call_id, voter_id): report})


def _reported(command: LineCommand, *, stands: bool, definite: bool) -> LineReported:
    return LineReported(
        campaign_id=command.campaign_id,
        line_id=command.line_id,
        call_id=command.call_id,
        voter_id=command.voter_id,
        stands=stands,
        definite=definite,
        received_at=command.received_at,
    )


def _is_said(known: Report, *, definite: bool) -> bool:
    return known.stands and known.definite == definite


def _is_as_new(known: Report, received_at: datetime) -> bool:
    """A fact may be repeated after what corrected it."""
    return known.received_at is not None and received_at <= known.received_at


def _is_newer(known: Report, received_at: datetime) -> bool:
    return known.received_at is not None and received_at < known.received_at


LINE: Decider[Line, LineCommand, object] = Decider(Line, evolve, decide)


def stream_of(campaign_id: str, line_id: str) -> str:
    """The stream of a line in a campaign."""
    return f"line-{campaign_id}-{line_id}"
