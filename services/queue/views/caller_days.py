"""A caller's day, counted: calls, conversations, supporters; one row a caller and date (UTC)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.results import CallDispositioned, CallSuperseded, Disposition
from libs.views.view import Index, Row

SUPPORTER = frozenset({1, 2})
SLOT = timedelta(minutes=10)
# A caller lives anywhere, so midnight is no border: an evening ends with a long pause.
PAUSE = timedelta(hours=6)

Counts = dict[str, int]
Counted = CallDispositioned | CallSuperseded

NOT_TALKED = frozenset(
    {
        Disposition.LEFT_MESSAGE,
        Disposition.NOT_HOME,
        Disposition.BUSY,
        Disposition.WRONG_NUMBER,
        Disposition.DISCONNECTED,
    }
)


@dataclass(frozen=True, slots=True)
class Evening:
    """What a caller did since the last long pause."""

    calls: int = 0
    conversations: int = 0
    supporters: int = 0


def row_id(caller_id: str, at: datetime) -> str:
    """The id of the row of a caller's day."""
    return f"{caller_id}/{at.astimezone(UTC).date().isoformat()}"


class CallerDays:
    """The view: counters by ten minutes, so that a row has the size of a day, not of its calls.

    Every call counts for its caller, wrong numbers and late results included. Of two results for
    one attempt only the one that counts is in the figures, at its own time; both are of one
    caller, for an assignment has but one. A line's first voter stands for the call. Adding does
    not mind the order, and what comes to nothing leaves no trace.
    """

    name = "caller_days"
    version = 3
    listens: tuple[type[Event], ...] = (CallDispositioned, CallSuperseded)
    indexes: tuple[Index, ...] = ()

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The row of the day on which the call was made."""
        match fact.event:
            case CallDispositioned() | CallSuperseded() as result:
                yield row_id(result.caller_id, result.called_at)

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """Add a result, or take back one that no longer counts."""
        row = row or {"slots": {}}
        match fact.event:
            case CallDispositioned() as result:
                _add(row["slots"], result, 1)
            case CallSuperseded() as result:
                _add(row["slots"], result, -1)
        return row


COLLECTION = f"{CallerDays.name}_v{CallerDays.version}"


async def calls_on(views: Database, caller_id: str, at: datetime) -> int:
    """How many calls are known of this caller's day."""
    row = await views[COLLECTION].find_one({"_id": row_id(caller_id, at)})
    return sum(counts.get("calls", 0) for counts in row["slots"].values()) if row else 0


async def evening_of(views: Database, caller_id: str, at: datetime) -> Evening:
    """What the caller did since the last pause of six hours."""
    days = [row_id(caller_id, at), row_id(caller_id, at - timedelta(days=1))]
    rows = await views[COLLECTION].find({"_id": {"$in": days}}).to_list()
    return evening({slot: counts for row in rows for slot, counts in row["slots"].items()}, at)


def evening(slots: Mapping[str, Counts], at: datetime) -> Evening:
    """The slots of the evening that goes on at `at`, added up.

    It ends with six hours of slots without a call: never with a shorter pause, always with one
    that is ten minutes longer.
    """
    began = slot_of(at)
    tonight: Counter[str] = Counter()
    for slot in sorted(map(int, slots), reverse=True):
        if began - slot > PAUSE // SLOT:
            break
        began = min(began, slot)
        tonight.update(slots[str(slot)])
    return Evening(tonight["calls"], tonight["conversations"], tonight["supporters"])


def slot_of(at: datetime) -> int:
    """The ten minutes in which a moment lies, counted from 1970."""
    return int(at.timestamp() // SLOT.total_seconds())


def _add(slots: dict[str, Counts], result: Counted, step: int) -> None:
    slot = str(slot_of(result.called_at))
    counts = slots.setdefault(slot, {})
    for name in _counted_as(result):
        counts[name] = counts.get(name, 0) + step
        if not counts[name]:
            del counts[name]
    if not counts:
        del slots[slot]


def _counted_as(result: Counted) -> Iterable[str]:
    if result.voter_id == result.voter_ids[0]:
        yield "calls"
    if result.spoke_with == "voter" and result.disposition not in NOT_TALKED:
        yield "conversations"
        if result.support in SUPPORTER:
            yield "supporters"
