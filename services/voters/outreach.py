"""Calls are remembered beside the voter, so that lists can be selected by attempts and support.

The row keeps its calls, and what they come to: done again, or in another order, it is the same.
"""

from dataclasses import asdict

from libs.chassis.problems import Unavailable
from libs.database import Database
from libs.events.base import Recorded
from libs.events.results import CallDispositioned, CallSuperseded
from libs.views.view import Policy
from services.voters.domain.outreach import CallMade, last_attempt_at, learned, support_level
from services.voters.selectable import Selectable
from services.voters.views.phone_banks import is_practice

REMEMBERING_CALLS = "remembering-calls"


def remembering_calls(database: Database) -> Policy:
    """Last attempt and support come into the rows that lists are selected by."""
    remembering = _Remembering(database)
    listens = (CallDispositioned, CallSuperseded)
    return Policy(REMEMBERING_CALLS, listens, remembering.react)


class _Remembering:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._selectable = Selectable(database)
        self._practice: dict[str, bool] = {}

    async def react(self, fact: Recorded) -> None:
        match fact.event:
            case CallDispositioned() | CallSuperseded() as told:
                if not await self._is_practice(told.bank_id):
                    await self._remember(told)

    async def _remember(self, told: CallDispositioned | CallSuperseded) -> None:
        campaign_id, voter_id = told.campaign_id, told.voter_id
        while known := await self._selectable.outreach(campaign_id, voter_id):
            before = tuple(CallMade(**call) for call in known.calls)
            calls = learned(before, told)
            if calls == before:
                return
            kept = await self._selectable.set_outreach(
                campaign_id,
                voter_id,
                known,
                calls=[asdict(call) for call in calls],
                last_attempt_at=last_attempt_at(calls),
                support_level=support_level(calls),
            )
            if kept:
                return

    async def _is_practice(self, bank_id: str) -> bool:
        """Made-up calls say nothing of a voter. A result may be here before its bank is: wait."""
        if bank_id not in self._practice:
            found = await is_practice(self._database, bank_id)
            if found is None:
                raise Unavailable("This phone bank has not reached voters yet.")
            self._practice[bank_id] = found
        return self._practice[bank_id]
