"""What a caller's day came to: calls, conversations, supporters; a row a caller and date (UTC)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from libs.database import Database
from libs.events.base import Recorded
from libs.events.results import CallDispositioned, Disposition
from libs.views.view import Index, Row

SUPPORTER = frozenset({1, 2})
# A caller lives anywhere, so midnight is no border: an evening ends with a long pause.
PAUSE = timedelta(hours=6)


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
    """The view: how each attempt ended for each voter, as it was said last."""

    name = "caller_days"
    version = 2
    listens = (CallDispositioned,)
    indexes: tuple[Index, ...] = ()

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The row of the day on which the call was made."""
        match fact.event:
            case CallDispositioned(caller_id=caller_id, called_at=called_at):
                yield row_id(caller_id, called_at)

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """The result that counts: of the later call, and of one call the one received later."""
        row = row or {"results": {}}
        match fact.event:
            case CallDispositioned() as said:
                name = f"{said.assignment_id}/{said.voter_id}"
                known = row["results"].get(name)
                result = _result(said)
                if known is None or _said_at(result) >= _said_at(known):
                    row["results"][name] = result
        return row


NOT_TALKED = frozenset(
    {
        Disposition.LEFT_MESSAGE,
        Disposition.NOT_HOME,
        Disposition.BUSY,
        Disposition.WRONG_NUMBER,
        Disposition.DISCONNECTED,
    }
)


def _result(said: CallDispositioned) -> Row:
    talked = said.spoke_with == "voter" and said.disposition not in NOT_TALKED
    return {
        "assignment_id": said.assignment_id,
        "called_at": said.called_at.astimezone(UTC).isoformat(),
        "received_at": said.received_at.astimezone(UTC).isoformat(),
        "talked": talked,
        "supporter": talked and said.support in SUPPORTER,
    }


def _said_at(result: Row) -> tuple[datetime, datetime]:
    return (
        datetime.fromisoformat(result["called_at"]),
        datetime.fromisoformat(result["received_at"]),
    )


COLLECTION = f"{CallerDays.name}_v{CallerDays.version}"


async def calls_on(views: Database, caller_id: str, at: datetime) -> int:
    """How many calls are known of this caller's day."""
    row = await views[COLLECTION].find_one({"_id": row_id(caller_id, at)})
    return len({each["assignment_id"] for each in row["results"].values()}) if row else 0


async def evening_of(views: Database, caller_id: str, at: datetime) -> Evening:
    """What the caller did since the last pause of six hours."""
    days = [row_id(caller_id, at), row_id(caller_id, at - timedelta(days=1))]
    rows = await views[COLLECTION].find({"_id": {"$in": days}}).to_list()
    return evening([each for row in rows for each in row["results"].values()], at)


def evening(results: Sequence[dict[str, Any]], at: datetime) -> Evening:
    """The results of the evening that goes on at `at`, added up."""
    began = at
    tonight: list[dict[str, Any]] = []
    for each in sorted(results, key=_said_at, reverse=True):
        called_at = datetime.fromisoformat(each["called_at"])
        if began - called_at >= PAUSE:
            break
        began = min(began, called_at)
        tonight.append(each)
    return Evening(
        calls=len({each["assignment_id"] for each in tonight}),
        conversations=sum(each["talked"] for each in tonight),
        supporters=sum(each["supporter"] for each in tonight),
    )
