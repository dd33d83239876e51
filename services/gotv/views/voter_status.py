"""Where each voter stands: support, the last call, history, and whether to be called again."""

from collections.abc import Callable, Iterable
from typing import Any

from libs.database import Collection, Database
from libs.events.base import Event, Recorded
from libs.events.gotv import SupporterIdentified, SupporterLost
from libs.events.queue import AttemptEnded, LineRestored, LineSuppressed
from libs.events.results import (
    CallDispositioned,
    CallSuperseded,
    Disposition,
)
from libs.events.voters import (
    UniverseEntered,
    UniverseLeft,
    VoterChanged,
    VoterImported,
    VoterLineUnlinked,
)
from libs.views.view import Index, Row
from services.gotv.views.told_by_voter import empty, take_back, tell
from services.gotv.views.voter_standing import derive

_Part = Callable[[Row, Any], None]


class VoterStatus:
    """One row a voter and campaign. Each topic has its own parts of it.

    What several topics say together (`callable`, `banks`, `state` …) is derived from the parts, and
    within results the calls' own times decide, so the order in which topics arrive leaves no trace.
    """

    name = "voter_status"
    version = 2
    indexes: tuple[Index, ...] = (
        # All that is counted of a universe, so that no row is fetched for it.
        Index(
            [
                ("campaign_id", 1),
                ("universes", 1),
                ("file.fictional", 1),
                ("callable", 1),
                ("zone_key", 1),
                ("supporter", 1),
                ("let_go_for", 1),
            ]
        ),
        Index([("banks.bank_id", 1), ("banks.due_at", 1)]),
        Index(
            [("campaign_id", 1), ("supporter", 1), ("support_at", -1), ("_id", -1)],
            partial={"supporter": True},
        ),
        Index(
            [("campaign_id", 1), ("supporter", 1), ("state", 1), ("support_at", -1), ("_id", -1)],
            partial={"supporter": True},
        ),
        Index(
            [("campaign_id", 1), ("support_level", 1), ("support_at", -1), ("_id", -1)],
            partial={"support_level": {"$gte": 0}},
        ),
        Index(
            [
                ("campaign_id", 1),
                ("support_level", 1),
                ("state", 1),
                ("support_at", -1),
                ("_id", -1),
            ],
            partial={"support_level": {"$gte": 0}},
        ),
        Index([("campaign_id", 1), ("list_changes", 1)], partial={"list_changes": {"$gt": 0}}),
    )

    def __init__(self) -> None:
        self._parts: dict[type[Event], _Part] = {
            VoterImported: _filed,
            VoterChanged: _filed,
            VoterLineUnlinked: _unlinked,
            UniverseEntered: _entered,
            UniverseLeft: _left,
            AttemptEnded: _attempt_ended,
            LineSuppressed: _suppressed,
            LineRestored: _restored,
            CallDispositioned: _dispositioned,
            CallSuperseded: _superseded,
            SupporterIdentified: _identified,
            SupporterLost: _identified,
        }
        self.listens: tuple[type[Event], ...] = tuple(self._parts)

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The voter, or the voters of a universe or a line."""
        event: Any = fact.event
        match event:
            case UniverseEntered(voter_ids=voter_ids) | UniverseLeft(voter_ids=voter_ids):
                named = voter_ids
            case (
                LineSuppressed(voter_id=None, voter_ids=voter_ids)
                | LineRestored(voter_id=None, voter_ids=voter_ids)
            ):
                named = voter_ids
            case _:
                named = (event.voter_id,)
        for voter_id in named:
            yield status_id(event.campaign_id, voter_id)

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """Change the part that the fact is about."""
        event: Any = fact.event
        row = row or _empty(event.campaign_id)
        self._parts[type(event)](row, event)
        return row

    def derive(self, row: Row) -> Row:
        """What follows from all parts."""
        return derive(row)


def status_id(campaign_id: str, voter_id: str) -> str:
    """The id of a voter's row."""
    return f"{campaign_id}/{voter_id}"


def voter_of(row: Row) -> str:
    """The voter whose row it is."""
    return str(row["_id"]).removeprefix(f"{row['campaign_id']}/")


def rows_of(database: Database) -> Collection:
    """The rows."""
    return database[f"{VoterStatus.name}_v{VoterStatus.version}"]


async def read_status(database: Database, campaign_id: str, voter_id: str) -> Row | None:
    """Where a voter stands, with the latest calls first."""
    row = await rows_of(database).find_one({"_id": status_id(campaign_id, voter_id)})
    if row is None:
        return None
    asked = row.get("support_level")
    support = None
    if asked is not None:
        support = {
            "level": asked,
            "answered_at": row["support_at"],
            "call_id": row["support_call_id"],
        }
    return {
        "voter_id": voter_id,
        "campaign_id": campaign_id,
        "state": row["state"],
        "is_supporter": row["supporter"],
        "support": support,
        "volunteer": row["volunteer"],
        "attempts": row["attempts"],
        "last": row["last"],
        "suppressed": row["suppressed"],
        "callable": row["callable"],
        "universes": row["universes"],
        "phone_banks": row["banks"],
        "history": row["history"],
    }


def _empty(campaign_id: str) -> Row:
    return {
        "campaign_id": campaign_id,
        "file": None,
        "universes": [],
        "let_go": {},
        "attempted": {},
        "reached": {},
        "identified": False,
        "list_changes": 0,
        **empty(),
    }


def _filed(row: Row, voter: VoterImported | VoterChanged) -> None:
    row["file"] = {
        "state": voter.state,
        "zones": sorted(voter.zones),
        "line_ids": sorted(voter.line_ids),
        "fictional": voter.fictional,
    }


def _unlinked(row: Row, unlinked: VoterLineUnlinked) -> None:
    if row["file"] is not None:
        row["file"]["line_ids"] = [
            line_id for line_id in row["file"]["line_ids"] if line_id != unlinked.line_id
        ]


def _entered(row: Row, entered: UniverseEntered) -> None:
    row["universes"] = sorted({*row["universes"], entered.universe_id})


def _left(row: Row, left: UniverseLeft) -> None:
    row["universes"] = sorted({*row["universes"]} - {left.universe_id})


def _attempt_ended(row: Row, ended: AttemptEnded) -> None:
    row["attempted"].setdefault(ended.bank_id, {})[ended.line_id] = {
        "ended_at": ended.ended_at,
        "due_at": ended.due_at,
        "disposition": ended.disposition.value,
    }


def _suppressed(row: Row, suppressed: LineSuppressed) -> None:
    reasons = row["let_go"].setdefault(suppressed.line_id, {"line": [], "voter": []})
    whose = "line" if suppressed.voter_id is None else "voter"
    reasons[whose] = sorted({*reasons[whose], suppressed.reason})


def _restored(row: Row, restored: LineRestored) -> None:
    reasons = row["let_go"].setdefault(restored.line_id, {"line": [], "voter": []})
    whose = "line" if restored.voter_id is None else "voter"
    reasons[whose] = sorted({*reasons[whose]} - {restored.reason})


def _dispositioned(row: Row, result: CallDispositioned) -> None:
    _count_reached(row, result, 1)
    tell(row, result)
    if result.support is not None:
        row["list_changes"] += 1


def _superseded(row: Row, result: CallSuperseded) -> None:
    _count_reached(row, result, -1)
    take_back(row, result)
    if result.support is not None:
        row["list_changes"] += 1


def _identified(row: Row, fact: SupporterIdentified | SupporterLost) -> None:
    row["identified"] = isinstance(fact, SupporterIdentified)
    row["list_changes"] += 1


def _count_reached(row: Row, result: CallDispositioned | CallSuperseded, step: int) -> None:
    if result.spoke_with == "voter" and result.disposition is not Disposition.LEFT_MESSAGE:
        row["reached"][result.bank_id] = row["reached"].get(result.bank_id, 0) + step
