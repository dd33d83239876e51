"""What calls learned of lines cleans the lists; who was erased is forgotten for certain."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from libs.chassis.clock import Now
from libs.chassis.problems import Unavailable
from libs.database import Database
from libs.events.base import Recorded
from libs.events.results import (
    CallCorrected,
    CallDispositioned,
    CallSuperseded,
    Disposition,
)
from libs.events.voters import VoterErased
from libs.eventstore.store import Log, handle
from libs.views.policy import policy_request
from libs.views.view import Policy
from services.voters.domain.line import LINE, ReportDisconnected, TakeBackReport
from services.voters.domain.line import stream_of as line_stream
from services.voters.domain.voter_registration import VOTER, RelinkLine, UnlinkLine
from services.voters.domain.voter_registration import stream_of as voter_stream
from services.voters.erasing import forget
from services.voters.people import relink, unlink
from services.voters.selectable import Selectable
from services.voters.views.phone_banks import is_practice

LIST_CLEANING = "list-cleaning"
FORGETTING = "forget-who-was-erased"
_OF_THE_LINE = frozenset({Disposition.WRONG_NUMBER, Disposition.DISCONNECTED})


def list_cleaning(log: Log, database: Database, now: Now) -> Policy:
    """Wrong numbers leave their voter, dead lines are retired, until that was a slip.

    Done again, nothing happens.
    """
    cleaning = _ListCleaning(log, database, now)
    listens = (CallDispositioned, CallCorrected, CallSuperseded)
    return Policy(LIST_CLEANING, listens, cleaning.react)


def forgetting(database: Database) -> Policy:
    """Whoever recorded the erasure may have died before the key was destroyed."""

    async def react(fact: Recorded) -> None:
        match fact.event:
            case VoterErased(campaign_id=campaign_id, voter_id=voter_id):
                await forget(database, campaign_id, voter_id)

    return Policy(FORGETTING, (VoterErased,), react)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a result said of a line; not `stands`: it says so no longer."""

    campaign_id: str
    voter_id: str
    call_id: str
    bank_id: str
    line_id: str
    disposition: Disposition
    received_at: datetime
    definite: bool = False
    stands: bool = False


class _ListCleaning:
    def __init__(self, log: Log, database: Database, now: Now) -> None:
        self._log = log
        self._database = database
        self._selectable = Selectable(database)
        self._now = now
        self._practice: dict[str, bool] = {}

    async def react(self, fact: Recorded) -> None:
        said = _said_in(fact)
        if said is None or await self._is_practice(said.bank_id):
            return
        if said.disposition is Disposition.WRONG_NUMBER:
            await self._dispute(fact, said)
        else:
            await self._report(fact, said)

    async def _is_practice(self, bank_id: str) -> bool:
        """Made-up calls clean nothing. A result may be here before its phone bank is: wait."""
        if bank_id not in self._practice:
            found = await is_practice(self._database, bank_id)
            if found is None:
                raise Unavailable("This phone bank has not reached voters yet.")
            self._practice[bank_id] = found
        return self._practice[bank_id]

    async def _dispute(self, fact: Recorded, said: _Said) -> None:
        stream = voter_stream(said.campaign_id, said.voter_id)
        request = policy_request(LIST_CLEANING, fact, stream, self._now())
        kind = UnlinkLine if said.stands else RelinkLine
        command = kind(said.line_id, said.call_id, said.received_at)
        await handle(self._log, VOTER, stream, command, request)
        # What the stream says now, not what this fact said: the fact may come again, and late.
        voter = VOTER.fold((await self._log.read(stream)).facts)
        show = unlink if said.line_id in voter.unlinked else relink
        await show(self._database, said.campaign_id, said.voter_id, said.line_id)
        if voter.latest is not None:
            await self._selectable.set_lines(
                said.campaign_id, said.voter_id, has_phone=bool(voter.latest.line_ids)
            )

    async def _report(self, fact: Recorded, said: _Said) -> None:
        stream = line_stream(said.campaign_id, said.line_id)
        request = policy_request(LIST_CLEANING, fact, stream, self._now())
        named: dict[str, Any] = {
            "campaign_id": said.campaign_id,
            "line_id": said.line_id,
            "call_id": said.call_id,
            "voter_id": said.voter_id,
            "received_at": said.received_at,
        }
        command = (
            ReportDisconnected(**named, definite=said.definite)
            if said.stands
            else TakeBackReport(**named)
        )
        await handle(self._log, LINE, stream, command, request)


def _said_in(fact: Recorded) -> _Said | None:
    """What a fact says of a line, or that it was said no longer; None: nothing."""
    said = None
    match fact.event:
        case CallDispositioned() as call:
            said = _said_by(call, call.disposition, call.line_id, call.received_at)
            said = said and replace(said, stands=True, definite=call.definite)
        case CallCorrected() as call if call.disposition_was is not call.disposition:
            said = _said_by(call, call.disposition_was, call.line_id, call.corrected_at)
        case CallSuperseded(line_id=str(line_id)) as call if call.by_call_id != call.call_id:
            said = _said_by(call, call.disposition, line_id, fact.at)
    return said


def _said_by(
    call: CallDispositioned | CallCorrected | CallSuperseded,
    disposition: Disposition,
    line_id: str,
    received_at: datetime,
) -> _Said | None:
    if disposition not in _OF_THE_LINE:
        return None
    return _Said(
        campaign_id=call.campaign_id,
        voter_id=call.voter_id,
        call_id=call.call_id,
        bank_id=call.bank_id,
        line_id=line_id,
        disposition=disposition,
        received_at=received_at,
    )
