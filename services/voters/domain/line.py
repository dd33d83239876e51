"""List cleaning: a line reported disconnected is suspect at first, then retired.

The stream is `line-<campaign>-<line>`. A household's results of one call are one report.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from libs.decider import Decider
from libs.events.base import Event
from libs.events.voters import LineRetired, LineSuspected


@dataclass(frozen=True, slots=True)
class ReportDisconnected:
    """A caller heard that nobody can be reached here; `definite` is a recording that says so."""

    campaign_id: str
    line_id: str
    call_id: str
    definite: bool


@dataclass(frozen=True, slots=True)
class Line:
    """What its facts made of it; `suspected_by` is the call of the first report."""

    suspected_by: str | None = None
    is_retired: bool = False


def evolve(line: Line, fact: object) -> Line:
    """The line after `fact`."""
    match fact:
        case LineSuspected(call_id=call_id):
            return replace(line, suspected_by=call_id)
        case LineRetired():
            return replace(line, is_retired=True)
    return line


def decide(line: Line, command: ReportDisconnected) -> Sequence[Event]:
    """Suspect at the first report; retire at the second call's, or when it is definite."""
    if line.is_retired:
        return []
    ids = {
        "campaign_id": command.campaign_id,
        "line_id": command.line_id,
        "call_id": command.call_id,
    }
    if command.definite:
        return [LineRetired(**ids)]
    if line.suspected_by is None:
        return [LineSuspected(**ids)]
    return [] if line.suspected_by == command.call_id else [LineRetired(**ids)]


LINE: Decider[Line, ReportDisconnected, object] = Decider(Line, evolve, decide)


def stream_of(campaign_id: str, line_id: str) -> str:
    """The stream of a line in a campaign."""
    return f"line-{campaign_id}-{line_id}"
