"""The numbers of one phone bank and of a whole campaign, put together from their views."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from libs.chassis.clock import Now
from libs.database import Database
from libs.views.view import Row
from services.gotv.counting import LeftCounts
from services.gotv.live import Snapshot
from services.gotv.views.bank_totals import (
    NO_ORGANIZATION,
    SLOT_MINUTES,
    Totals,
    read_totals,
    slot_of,
)
from services.gotv.views.banks import list_banks
from services.gotv.views.caller_activity import Active, read_active
from services.gotv.views.left_to_call import Left
from services.gotv.views.organizations import read_names
from services.gotv.views.raised_hands import read_hands

ACTIVE_FOR = timedelta(minutes=10)
SERIES_SLOTS_MIN = 60 // SLOT_MINUTES
SERIES_SLOTS_MAX = 12 * 60 // SLOT_MINUTES
# Below this many results in an hour nobody can say when a bank will be through.
PACE_RESULTS_MIN = 5

# The figures in the words of those who read them; pages show these, and the API's docs.
FORMULAS: dict[str, str] = {
    "calls": "Results saved by callers: one for each voter of a call. Corrected ones count once.",
    "attempts": "Calls with a result. A household on one number is one attempt.",
    "dials": "Attempts in which a caller dialed; results that systems reported are left out.",
    "contacts": "Dials that a person answered, wrong numbers included; never a message left.",
    "conversations": "Results where the voter on the list was the one who spoke.",
    "ids": "Conversations in which the voter answered the main question with 1 to 5.",
    "volunteers": "Conversations in which the voter said yes to helping.",
    "supporters": "Voters of this phone bank whose latest answer makes them supporters.",
    "voters_reached": "Voters with at least one conversation in this phone bank.",
    "callers_active": "Callers who took a voter in the last ten minutes.",
    "calls_last_hour": "Results of calls that ended in the last sixty minutes.",
}


class Dashboards:
    """Reads snapshots: bodies of whole figures, and ids that change with them."""

    def __init__(self, database: Database, now: Now, background: asyncio.TaskGroup) -> None:
        self._database = database
        self._now = now
        self._counts = LeftCounts(database, now, background)
        self._names: dict[str, str] = {}

    async def read(self, bank: Row) -> dict[str, Any]:
        """The figures of a bank as of now."""
        return (await self._bank(bank))[1]

    async def read_campaign(self, campaign_id: str) -> dict[str, Any]:
        """The figures of a campaign and of each of its banks as of now."""
        return (await self._campaign(campaign_id))[1]

    async def snapshot(self, bank: Row) -> Snapshot:
        """A bank's figures, encoded. The id begins with a number that grows with its totals."""
        return _encoded(*await self._bank(bank))

    async def campaign_snapshot(self, campaign_id: str) -> Snapshot:
        """A campaign's figures, encoded likewise."""
        return _encoded(*await self._campaign(campaign_id))

    async def _bank(self, bank: Row) -> tuple[int, dict[str, Any]]:
        now, bank_ids = self._now(), [bank["_id"]]
        by_bank, active, hands, left = await asyncio.gather(
            read_totals(self._database, bank_ids, now),
            read_active(self._database, bank_ids, now - ACTIVE_FOR),
            read_hands(self._database, bank_ids),
            self._counts.of(bank),
        )
        totals = by_bank[bank["_id"]]
        return totals.rev, {
            **totals.shown(),
            "supporters": left.supporters,
            "voters_reached": left.voters_reached,
            "callers_active": active.callers,
            "hands": _hands(hands.values()),
            "organizations": await self._organizations(totals, active),
            "series": _series(totals, now),
            "left": _left(left),
            "pace": _pace(totals, left),
            "as_of": now,
        }

    async def _campaign(self, campaign_id: str) -> tuple[int, dict[str, Any]]:
        now = self._now()
        banks = await list_banks(self._database, campaign_id)
        bank_ids = [bank["_id"] for bank in banks]
        by_bank, active, hands = await asyncio.gather(
            read_totals(self._database, bank_ids, now),
            read_active(self._database, bank_ids, now - ACTIVE_FOR),
            read_hands(self._database, bank_ids),
        )
        left = self._counts.last_of(banks)
        totals = Totals()
        for each in by_bank.values():
            totals.include(each)
        return totals.rev, {
            **totals.shown(),
            "callers_active": active.callers,
            "hands": _hands(hands.values()),
            "organizations": await self._organizations(totals, active),
            "states": _by_state(banks, active),
            "practice_calls": sum(
                by_bank[bank["_id"]].figures["calls"] for bank in banks if bank["practice"]
            ),
            "series": _series(totals, now),
            "left": _left_in_all(banks, left),
            "phone_banks": [
                {
                    **_bank_line(bank, by_bank[bank["_id"]]),
                    "callers_active": active.by_bank.get(bank["_id"], 0),
                    "hands": _hands([hands.get(bank["_id"], [])]),
                    "left": _left(left[bank["_id"]]) if bank["_id"] in left else None,
                }
                for bank in banks
            ],
            "as_of": now,
        }

    async def _organizations(self, totals: Totals, active: Active) -> list[dict[str, Any]]:
        """Each organization's results and callers at work; null is the callers without one."""
        named = {*totals.organizations, *active.by_organization} - {NO_ORGANIZATION, ""}
        if unknown := named - self._names.keys():
            self._names |= await read_names(self._database, unknown)
        names = self._names
        ids = sorted(named, key=lambda each: (-totals.organizations[each], each))
        lines: list[dict[str, Any]] = [
            {
                "organization_id": each,
                "name": names.get(each),
                "calls": totals.organizations[each],
                "callers_active": active.by_organization.get(each, 0),
            }
            for each in ids
        ]
        alone = totals.organizations[NO_ORGANIZATION], active.by_organization.get("", 0)
        if any(alone):
            nobody: dict[str, Any] = {"organization_id": None, "name": None}
            lines.append(nobody | {"calls": alone[0], "callers_active": alone[1]})
        return lines


def _encoded(rev: int, figures: dict[str, Any]) -> Snapshot:
    timeless = {name: figure for name, figure in figures.items() if name != "as_of"}
    digest = hashlib.blake2b(orjson.dumps(timeless), digest_size=6).hexdigest()
    return Snapshot(f"{rev}-{digest}", orjson.dumps(figures, option=orjson.OPT_UTC_Z))


def _series(totals: Totals, now: datetime) -> dict[str, Any]:
    """Dials and contacts of each ten minutes, from the first with a call, the running one last."""
    last = slot_of(now)
    window = range(last - SERIES_SLOTS_MAX + 1, last + 1)
    called = [slot for slot, dials in totals.dials_by_slot.items() if dials and slot in window]
    slots = range(min([last - SERIES_SLOTS_MIN, *called]), last + 1)
    return {
        "begins_at": slots.start * SLOT_MINUTES * 60,
        "step_seconds": SLOT_MINUTES * 60,
        "dials": [totals.dials_by_slot[slot] for slot in slots],
        "contacts": [totals.contacts_by_slot[slot] for slot in slots],
    }


def _left(left: Left) -> dict[str, Any]:
    counted = {"now": left.now, "later": left.later, "exhausted": left.exhausted}
    return {**counted, "why": left.why}


def _left_in_all(banks: Sequence[Row], left: Mapping[str, Left]) -> dict[str, Any]:
    """The sum of banks that have not ended; who is in two banks' universes is counted in both."""
    going_on = [bank["_id"] for bank in banks if bank["status"] != "closed"]
    counted = [left[bank_id] for bank_id in going_on if bank_id in left]
    why: Counter[str] = Counter()
    for each in counted:
        why.update(each.why)
    return {
        "now": sum(each.now for each in counted),
        "later": sum(each.later for each in counted),
        "exhausted": sum(each.exhausted for each in counted),
        "why": dict(why),
        "banks": len(going_on),
        "banks_counted": len(counted),
    }


def _pace(totals: Totals, left: Left) -> dict[str, Any]:
    """Hours of calling until everybody who is left had one more call, at the last hour's pace."""
    an_hour = totals.calls_last_hour
    waiting = left.now + left.later
    hours = round(waiting / an_hour, 1) if an_hour >= PACE_RESULTS_MIN else None
    return {"calls_an_hour": an_hour, "hours_left": 0.0 if waiting == 0 else hours}


def _by_state(banks: Sequence[Row], active: Active) -> list[dict[str, Any]]:
    """Callers at work by the state that they call; one who calls two states is in both."""
    states: dict[str, int] = {}
    for bank in banks:
        states[bank["state"]] = states.get(bank["state"], 0) + active.by_bank.get(bank["_id"], 0)
    return [{"state": state, "callers_active": states[state]} for state in sorted(states)]


def _hands(hands: Iterable[list[datetime]]) -> dict[str, Any]:
    """How many callers ask for help, and since when the first and the latest of them do."""
    raised = sorted(at for of_a_bank in hands for at in of_a_bank)
    first, latest = (raised[0], raised[-1]) if raised else (None, None)
    return {"raised": len(raised), "since": first, "latest": latest}


def _bank_line(bank: Row, totals: Totals) -> dict[str, Any]:
    return {
        "bank_id": bank["_id"],
        "name": bank["name"],
        "candidate": bank["candidate"],
        "state": bank["state"],
        "status": bank["status"],
        "practice": bank["practice"],
        "calls": totals.figures["calls"],
        "contacts": totals.figures["contacts"],
        "ids": totals.figures["ids"],
        "volunteers": totals.figures["volunteers"],
        "calls_last_hour": totals.calls_last_hour,
    }
