"""The totals of a phone bank: one row a bank and partition of results, added up on reading."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.results import CallDispositioned, CallSuperseded, Disposition
from libs.views.fold import label_of
from libs.views.view import Index, Row

MINUTES_KEPT = 120
SLOT_MINUTES = 10
SLOTS_KEPT = 16 * 60 // SLOT_MINUTES
WOULD_NOT_SAY = 0
SUPPORT = ("1", "2", "3", "4", "5", "unsure")
NO_ORGANIZATION = "none"

FIGURES = (
    "calls",
    "attempts",
    "dials",
    "contacts",
    "conversations",
    "ids",
    "volunteers",
)

Counted = CallDispositioned | CallSuperseded

# A person answered, though perhaps nobody who belongs to the voter's line.
_A_PERSON_ANSWERED = frozenset(
    {Disposition.WRONG_NUMBER, Disposition.HUNG_UP, Disposition.LANGUAGE_BARRIER}
)


class BankTotals:
    """Calls, dispositions, conversations, identifications, volunteers, and dials by time.

    A row sees its partition's facts in one order, so adding is enough, and minutes can be let go
    by the row's own newest one. `calls` are results, one a voter; `attempts` are dialed calls,
    whose voters may be several, and so are `dials` and `contacts`; `FORMULAS` of the dashboard
    has them all in words.
    """

    name = "bank_totals"
    version = 2
    listens: tuple[type[Event], ...] = (CallDispositioned, CallSuperseded)
    indexes: tuple[Index, ...] = (Index([("bank_id", 1)]),)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The bank's row of this partition."""
        match fact.event:
            case CallDispositioned(bank_id=bank_id) | CallSuperseded(bank_id=bank_id):
                yield f"{bank_id}/{label_of(fact.topic, fact.partition)}"

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """Add a result, or take back one that no longer counts."""
        match fact.event:
            case CallDispositioned() as result:
                return _add(row or _empty(result), result, 1)
            case CallSuperseded() as result:
                return _add(row or _empty(result), result, -1)
        return row


@dataclass(slots=True)
class Totals:
    """The sums of one or several banks. `rev` grows with every change of a row."""

    rev: int = 0
    calls_last_hour: int = 0
    figures: Counter[str] = field(default_factory=Counter)
    dispositions: Counter[str] = field(default_factory=Counter)
    support: Counter[str] = field(default_factory=Counter)
    organizations: Counter[str] = field(default_factory=Counter)
    dials_by_slot: Counter[int] = field(default_factory=Counter)
    contacts_by_slot: Counter[int] = field(default_factory=Counter)

    def add(self, row: Row, now: datetime) -> None:
        """Add a row as it is now."""
        self.rev += row["rev"]
        for name in FIGURES:
            self.figures[name] += row[name]
        self.dispositions.update(row["dispositions"])
        self.support.update(row["support"])
        self.organizations.update(row["organizations"])
        for slot, count in row["dials_by_slot"].items():
            self.dials_by_slot[int(slot)] += count
        for slot, count in row["contacts_by_slot"].items():
            self.contacts_by_slot[int(slot)] += count
        since, until = _minute(now - timedelta(hours=1)), _minute(now)
        self.calls_last_hour += sum(
            count for minute, count in row["minutes"].items() if since < int(minute) <= until
        )

    def include(self, other: "Totals") -> None:
        """Add another bank's."""
        self.rev += other.rev
        self.calls_last_hour += other.calls_last_hour
        self.figures.update(other.figures)
        self.dispositions.update(other.dispositions)
        self.support.update(other.support)
        self.organizations.update(other.organizations)
        self.dials_by_slot.update(other.dials_by_slot)
        self.contacts_by_slot.update(other.contacts_by_slot)

    def shown(self) -> dict[str, Any]:
        """The figures by name, with every level of support and every disposition."""
        return {
            **{name: self.figures[name] for name in FIGURES},
            "calls_last_hour": self.calls_last_hour,
            "support": {level: self.support[level] for level in SUPPORT},
            "dispositions": {each.value: self.dispositions[each.value] for each in Disposition},
        }


async def read_totals(
    database: Database, bank_ids: Sequence[str], now: datetime
) -> dict[str, Totals]:
    """The totals of each of these banks, in one question."""
    totals = {bank_id: Totals() for bank_id in bank_ids}
    rows = database[f"{BankTotals.name}_v{BankTotals.version}"]
    async for row in rows.find({"bank_id": {"$in": list(bank_ids)}}, {"seen": 0}):
        totals[row["bank_id"]].add(row, now)
    return totals


def slot_of(at: datetime) -> int:
    """The ten minutes in which a moment lies, counted from 1970."""
    return _minute(at) // SLOT_MINUTES


def is_conversation(result: Counted) -> bool:
    """Whether this voter was spoken to; a message left is never a conversation."""
    return result.spoke_with == "voter" and result.disposition is not Disposition.LEFT_MESSAGE


def is_contact(result: Counted) -> bool:
    """Whether a person answered, wrong numbers included; a message left is never a contact."""
    if result.disposition is Disposition.LEFT_MESSAGE:
        return False
    return result.spoke_with != "nobody" or result.disposition in _A_PERSON_ANSWERED


def _empty(fact: Counted) -> Row:
    return {
        "bank_id": fact.bank_id,
        "campaign_id": fact.campaign_id,
        **dict.fromkeys(FIGURES, 0),
        "support": {},
        "dispositions": {},
        "organizations": {},
        "minutes": {},
        "minute_last": 0,
        "dials_by_slot": {},
        "contacts_by_slot": {},
        "slot_last": 0,
    }


def _add(row: Row, result: Counted, step: int) -> Row:
    row["calls"] += step
    _count(row["dispositions"], result.disposition.value, step)
    _count(row["organizations"], result.organization_id or NO_ORGANIZATION, step)
    row["conversations"] += step if is_conversation(result) else 0
    row["volunteers"] += step if result.volunteer else 0
    if result.support is not None:
        unsure = result.support == WOULD_NOT_SAY
        _count(row["support"], "unsure" if unsure else str(result.support), step)
        row["ids"] += 0 if unsure else step
    minute = _minute(result.called_at)
    _let_go(row, "minute_last", minute, MINUTES_KEPT, ("minutes",))
    if minute > row["minute_last"] - MINUTES_KEPT:
        _count(row["minutes"], str(minute), step)
    # The first voter of a line stands for the call.
    if result.voter_id == result.voter_ids[0]:
        _add_dial(row, result, minute // SLOT_MINUTES, step)
    return row


def _add_dial(row: Row, result: Counted, slot: int, step: int) -> None:
    is_dial = result.disposition is not Disposition.UNREACHABLE
    row["attempts"] += step
    row["dials"] += step if is_dial else 0
    row["contacts"] += step if is_contact(result) else 0
    _let_go(row, "slot_last", slot, SLOTS_KEPT, ("dials_by_slot", "contacts_by_slot"))
    if slot > row["slot_last"] - SLOTS_KEPT:
        if is_dial:
            _count(row["dials_by_slot"], str(slot), step)
        if is_contact(result):
            _count(row["contacts_by_slot"], str(slot), step)


def _count(counts: dict[str, int], name: str, step: int) -> None:
    counts[name] = counts.get(name, 0) + step


def _let_go(row: Row, last: str, time: int, kept: int, parts: Sequence[str]) -> None:
    """Times long before the row's newest are let go; what comes later for them is too."""
    if time > row[last]:
        row[last] = time
        for part in parts:
            row[part] = {
                each: count for each, count in row[part].items() if int(each) > time - kept
            }


def _minute(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp()) // 60
