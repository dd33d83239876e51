"""The totals of a phone bank: one row a bank and partition of results, added up on reading."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.results import (
    CallDispositioned,
    CallSuperseded,
    Disposition,
    VolunteerOffered,
)
from libs.views.fold import label_of
from libs.views.view import Index, Row

MINUTES_KEPT = 120
WOULD_NOT_SAY = 0
SUPPORT = ("1", "2", "3", "4", "5", "unsure")

Counted = CallDispositioned | CallSuperseded


class BankTotals:
    """Calls, dispositions, conversations, identifications, volunteers, and calls by minute.

    A row sees its partition's facts in one order, so adding is enough, and minutes can be let go
    by the row's own newest one. `calls` are results, one a voter; `attempts` are dialed calls,
    whose voters may be several.
    """

    name = "bank_totals"
    version = 1
    listens: tuple[type[Event], ...] = (CallDispositioned, CallSuperseded, VolunteerOffered)
    indexes: tuple[Index, ...] = (Index([("bank_id", 1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The bank's row of this partition."""
        match fact.event:
            case (
                CallDispositioned(bank_id=bank_id)
                | CallSuperseded(bank_id=bank_id)
                | VolunteerOffered(bank_id=bank_id)
            ):
                yield f"{bank_id}/{label_of(fact.topic, fact.partition)}"

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """Add a result, or take back one that no longer counts."""
        match fact.event:
            case CallDispositioned() as result:
                return _add(row or _empty(result), result, 1)
            case CallSuperseded() as result:
                return _add(row or _empty(result), result, -1)
            case VolunteerOffered() as offered:
                row = row or _empty(offered)
                row["volunteers"] += 1
        return row


async def read_totals(database: Database, bank_id: str, now: datetime) -> dict[str, Any]:
    """The sums of a bank, and `rev`, which grows with every change of a row."""
    sums: Counter[str] = Counter()
    dispositions: Counter[str] = Counter()
    support: Counter[str] = Counter()
    since = _minute(now - timedelta(hours=1))
    until = _minute(now)
    async for row in database[f"{BankTotals.name}_v{BankTotals.version}"].find(
        {"bank_id": bank_id}
    ):
        for name in ("rev", "calls", "attempts", "contacts", "ids", "volunteers"):
            sums[name] += row[name]
        dispositions.update(row["dispositions"])
        support.update(row["support"])
        sums["calls_last_hour"] += sum(
            count for minute, count in row["minutes"].items() if since < int(minute) <= until
        )
    return {
        **{name: sums[name] for name in ("calls", "attempts", "contacts", "ids", "volunteers")},
        "calls_last_hour": sums["calls_last_hour"],
        "support": {level: support[level] for level in SUPPORT},
        "dispositions": {each.value: dispositions[each.value] for each in Disposition},
        "rev": sums["rev"],
    }


def _empty(fact: Counted | VolunteerOffered) -> Row:
    return {
        "bank_id": fact.bank_id,
        "campaign_id": fact.campaign_id,
        "calls": 0,
        "attempts": 0,
        "contacts": 0,
        "ids": 0,
        "volunteers": 0,
        "support": {},
        "dispositions": {},
        "minutes": {},
        "minute_last": 0,
    }


def _add(row: Row, result: Counted, step: int) -> Row:
    row["calls"] += step
    row["attempts"] += step if result.voter_id == result.voter_ids[0] else 0
    _count(row["dispositions"], result.disposition.value, step)
    if is_contact(result):
        row["contacts"] += step
    if result.support is not None:
        unsure = result.support == WOULD_NOT_SAY
        _count(row["support"], "unsure" if unsure else str(result.support), step)
        row["ids"] += 0 if unsure else step
    _count_minute(row, _minute(result.called_at), step)
    return row


def is_contact(result: Counted) -> bool:
    """Whether the voter was spoken to; a message left is never a contact."""
    return result.spoke_with == "voter" and result.disposition is not Disposition.LEFT_MESSAGE


def _count(counts: dict[str, int], name: str, step: int) -> None:
    counts[name] = counts.get(name, 0) + step


def _count_minute(row: Row, minute: int, step: int) -> None:
    """Minutes long before the row's newest are let go; what comes later for them is too."""
    if minute > row["minute_last"]:
        row["minute_last"] = minute
        row["minutes"] = {
            each: count
            for each, count in row["minutes"].items()
            if int(each) > minute - MINUTES_KEPT
        }
    if minute > row["minute_last"] - MINUTES_KEPT:
        _count(row["minutes"], str(minute), step)


def _minute(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp()) // 60
