"""The tallies of a phone bank: how calls ended, what was answered, for which organization."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.results import AnswerValue, CallDispositioned, CallSuperseded
from libs.views.buckets import field_of, part_of
from libs.views.view import Index, Row

VALUES_PER_QUESTION_MAX = 100
OTHER_VALUES = "(other)"
NO_ORGANIZATION = "none"

Counted = CallDispositioned | CallSuperseded


class Tallies:
    """One row a bank and partition, added up on reading.

    A partition's facts come in one order, so adding is enough. Of two results for one attempt only
    the one that counts is in the figures; `superseded` counts the others. `calls` are results, one
    a voter; `attempts` are dialed calls, whose voters may be several.
    """

    name = "tallies"
    version = 1
    listens: tuple[type[Event], ...] = (CallDispositioned, CallSuperseded)
    indexes: tuple[Index, ...] = (Index([("bank_id", 1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The bank's row of this partition."""
        match fact.event:
            case CallDispositioned(bank_id=bank_id) | CallSuperseded(bank_id=bank_id):
                yield f"{bank_id}/{fact.partition}"

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """Add a result, or take back one that no longer counts."""
        match fact.event:
            case CallDispositioned() as result:
                return _add(row or _empty(result), result, 1)
            case CallSuperseded() as result:
                row = _add(row or _empty(result), result, -1)
                row["superseded"] += 1
                return row
        return row


async def read_tallies(database: Database, bank_id: str) -> dict[str, Any]:
    """The figures of a bank: calls, attempts, and counts by disposition, answer, organization."""
    sums: dict[str, Counter[str]] = {"all": Counter(), "dispositions": Counter()}
    answers: dict[str, Counter[str]] = {}
    organizations: dict[str, Counter[str]] = {}
    async for row in database[f"{Tallies.name}_v{Tallies.version}"].find({"bank_id": bank_id}):
        sums["all"].update({name: row[name] for name in ("calls", "attempts", "superseded")})
        sums["dispositions"].update(row["dispositions"])
        for question, values in row["answers"].items():
            spelled = {part_of(value): count for value, count in values.items()}
            answers.setdefault(question, Counter()).update(spelled)
        for organization_id, counts in row["organizations"].items():
            organizations.setdefault(organization_id, Counter()).update(counts)
    return {
        "bank_id": bank_id,
        **{name: sums["all"][name] for name in ("calls", "attempts", "superseded")},
        "by_disposition": positive(sums["dispositions"]),
        "by_answer": {
            question: counts
            for question, values in sorted(answers.items())
            if (counts := positive(values))
        },
        "by_organization": [
            {"organization_id": None if name == NO_ORGANIZATION else name, **counts}
            for name, counts in sorted(organizations.items())
        ],
    }


def attempts_of(result: Counted, step: int) -> int:
    """The dialed calls that this result stands for: that of the line's first voter does."""
    return step if result.voter_id == result.voter_ids[0] else 0


def positive(counts: Mapping[str, int]) -> dict[str, int]:
    """Without what was taken back to nothing."""
    return {name: count for name, count in sorted(counts.items()) if count > 0}


def add_to(counts: dict[str, int], name: str, step: int) -> None:
    """Add in place."""
    counts[name] = counts.get(name, 0) + step


def _empty(result: Counted) -> Row:
    return {
        "bank_id": result.bank_id,
        "campaign_id": result.campaign_id,
        "calls": 0,
        "attempts": 0,
        "superseded": 0,
        "dispositions": {},
        "answers": {},
        "organizations": {},
    }


def _add(row: Row, result: Counted, step: int) -> Row:
    attempts = attempts_of(result, step)
    row["calls"] += step
    row["attempts"] += attempts
    add_to(row["dispositions"], result.disposition, step)
    for question, value in result.answers.items():
        values = row["answers"].setdefault(question, {})
        for each in value if isinstance(value, tuple) else (value,):
            add_to(values, _place(values, each), step)
    organization = row["organizations"].setdefault(
        result.organization_id or NO_ORGANIZATION, {"calls": 0, "attempts": 0}
    )
    organization["calls"] += step
    organization["attempts"] += attempts
    return row


def _place(values: Mapping[str, int], value: AnswerValue) -> str:
    """Where an answer is counted; numbers, say, may be too many to have a place each."""
    spelled = field_of(_spelled(value))
    if spelled in values or len(values) < VALUES_PER_QUESTION_MAX:
        return spelled
    return OTHER_VALUES


def _spelled(value: AnswerValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
