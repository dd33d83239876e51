"""What calls learned of lines cleans the lists; who was erased is forgotten for certain."""

from libs.chassis.clock import Now
from libs.chassis.problems import Unavailable
from libs.database import Database
from libs.events.base import Recorded
from libs.events.results import CallDispositioned, Disposition
from libs.events.voters import VoterChanged, VoterErased
from libs.eventstore.store import Log, handle
from libs.views.policy import policy_request
from libs.views.view import Policy
from services.voters.domain.line import LINE, ReportDisconnected
from services.voters.domain.line import stream_of as line_stream
from services.voters.domain.voter_registration import VOTER, UnlinkLine
from services.voters.domain.voter_registration import stream_of as voter_stream
from services.voters.erasing import forget
from services.voters.people import unlink
from services.voters.selectable import Selectable
from services.voters.views.phone_banks import is_practice

LIST_CLEANING = "list-cleaning"
FORGETTING = "forget-who-was-erased"


def list_cleaning(log: Log, database: Database, now: Now) -> Policy:
    """Wrong numbers leave their voter, dead lines are retired; done again, nothing happens."""
    cleaning = _ListCleaning(log, database, now)
    return Policy(LIST_CLEANING, (CallDispositioned,), cleaning.react)


def forgetting(database: Database) -> Policy:
    """Whoever recorded the erasure may have died before the key was destroyed."""

    async def react(fact: Recorded) -> None:
        match fact.event:
            case VoterErased(campaign_id=campaign_id, voter_id=voter_id):
                await forget(database, campaign_id, voter_id)

    return Policy(FORGETTING, (VoterErased,), react)


class _ListCleaning:
    def __init__(self, log: Log, database: Database, now: Now) -> None:
        self._log = log
        self._database = database
        self._selectable = Selectable(database)
        self._now = now
        self._practice: dict[str, bool] = {}

    async def react(self, fact: Recorded) -> None:
        match fact.event:
            case CallDispositioned(disposition=Disposition.WRONG_NUMBER) as call:
                if not await self._is_practice(call.bank_id):
                    await self._unlink(fact, call)
            case CallDispositioned(disposition=Disposition.DISCONNECTED) as call:
                if not await self._is_practice(call.bank_id):
                    await self._report(fact, call)

    async def _is_practice(self, bank_id: str) -> bool:
        """Made-up calls clean nothing. A result may be here before its phone bank is: wait."""
        if bank_id not in self._practice:
            found = await is_practice(self._database, bank_id)
            if found is None:
                raise Unavailable("This phone bank has not reached voters yet.")
            self._practice[bank_id] = found
        return self._practice[bank_id]

    async def _unlink(self, fact: Recorded, call: CallDispositioned) -> None:
        stream = voter_stream(call.campaign_id, call.voter_id)
        request = policy_request(LIST_CLEANING, fact, stream, self._now())
        await unlink(self._database, call.campaign_id, call.voter_id, call.line_id)
        command = UnlinkLine(call.line_id, call.call_id)
        handled = await handle(self._log, VOTER, stream, command, request)
        for changed in handled.facts:
            if isinstance(changed, VoterChanged):
                await self._selectable.set_lines(
                    call.campaign_id, call.voter_id, has_phone=bool(changed.line_ids)
                )

    async def _report(self, fact: Recorded, call: CallDispositioned) -> None:
        stream = line_stream(call.campaign_id, call.line_id)
        request = policy_request(LIST_CLEANING, fact, stream, self._now())
        command = ReportDisconnected(
            call.campaign_id, call.line_id, call.call_id, definite=call.definite
        )
        await handle(self._log, LINE, stream, command, request)
