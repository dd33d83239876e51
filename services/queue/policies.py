"""Foreign facts become our commands: results end attempts, what was learned lets lines go."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from libs.chassis.clock import Now
from libs.database import Database
from libs.events.base import Recorded
from libs.events.queue import LineRestored, LineSuppressed, PhoneBankCreated
from libs.events.results import CallDispositioned, Disposition
from libs.events.voters import (
    LineReinstated,
    LineRetired,
    VoterLineRelinked,
    VoterLineUnlinked,
)
from libs.eventstore.store import Handled, Log, handle
from libs.views.policy import policy_request
from libs.views.view import Policy
from services.queue.bank_book import STALE, bank_stream
from services.queue.dispositions import ON_EVERY_LINE, VOTER_LET_GO
from services.queue.domain.errors import EachByItself
from services.queue.domain.letting_go import holds_on_every_line
from services.queue.domain.line import LINE
from services.queue.domain.line_commands import (
    EndAttempt,
    EndAttempts,
    LineCommand,
    RestoreLine,
    RestoreVoter,
    SuppressLine,
    SuppressVoter,
)
from services.queue.domain.phone_bank import BANK
from services.queue.entries import line_stream
from services.queue.views.searches import lines_of, voters_on

END_ATTEMPT = "end-attempt-when-call-is-dispositioned"
FOLLOW_VOTER = "let-voter-go-on-every-line"
LET_GO = "let-go-what-voters-learned"


class Reactions:
    """What this service makes of others' facts. A repeated fact leads to nothing new."""

    def __init__(self, log: Log, views: Database, now: Now) -> None:
        self._log = log
        self._views = views
        self._now = now
        self._banks: dict[str, tuple[datetime, PhoneBankCreated]] = {}

    async def end_attempt(self, fact: Recorded) -> None:
        """A result reaches the stream of its line; a voter's wish, the voter's other lines."""
        call = fact.event
        if not isinstance(call, CallDispositioned):
            return
        handled = await self._tell(END_ATTEMPT, fact, call.line_id, await self._end_of(call))
        for effect in handled.facts:
            if isinstance(effect, LineSuppressed | LineRestored):
                await self._follow_voter(fact, effect)

    async def end_attempts(self, facts: Sequence[Recorded]) -> bool:
        """The results of one call reach the stream of their line in one commit, all or none.

        The commit has the name of the last one. They may come again grouped otherwise: whatever is
        done already makes the decision or the name say no, and then, one by one, what is done leads
        to nothing and the others get names of their own. A wish goes one by one from the start, so
        such a commit leaves nothing to follow, and a death after it nothing undone.
        """
        calls = [fact.event for fact in facts if isinstance(fact.event, CallDispositioned)]
        lines = {(call.campaign_id, call.line_id) for call in calls}
        if len(calls) != len(facts) or len(lines) != 1:
            return False
        if any(VOTER_LET_GO.get(call.disposition) in ON_EVERY_LINE for call in calls):
            return False  # As the decision would say, without asking the log.
        ends = tuple([await self._end_of(call) for call in calls])
        try:
            handled = await self._tell(END_ATTEMPT, facts[-1], calls[-1].line_id, EndAttempts(ends))
        except EachByItself:
            return False
        return not handled.repeated

    async def _end_of(self, call: CallDispositioned) -> EndAttempt:
        bank = await self._bank(call.bank_id)
        lets_line_go = call.disposition in {Disposition.DO_NOT_CALL, Disposition.DISCONNECTED}
        return EndAttempt(
            campaign_id=call.campaign_id,
            line_id=call.line_id,
            bank_id=call.bank_id,
            assignment_id=call.assignment_id,
            caller_id=call.caller_id,
            call_id=call.call_id,
            voter_id=call.voter_id,
            voter_ids=call.voter_ids,
            disposition=call.disposition,
            ended_at=call.called_at,
            at=self._now(),
            attempts_max=bank.attempts_max,
            practice=bank.practice,
            call_back_at=call.call_back_at,
            language=call.language,
            definite=call.definite,
            received_at=call.received_at,
            household=(
                await voters_on(self._views, call.campaign_id, call.line_id) if lets_line_go else ()
            ),
        )

    async def let_go(self, fact: Recorded) -> None:
        """A line was retired, or turned out not to be a voter's; or that was a slip."""
        match fact.event:
            case LineRetired(campaign_id=campaign_id, line_id=line_id):
                voter_ids = await voters_on(self._views, campaign_id, line_id)
                command: LineCommand = SuppressLine(
                    campaign_id, line_id, voter_ids, "retired_line", self._now()
                )
                await self._tell(LET_GO, fact, line_id, command)
            case VoterLineUnlinked(campaign_id=campaign_id, line_id=line_id, voter_id=voter_id):
                command = SuppressVoter(campaign_id, line_id, voter_id, "wrong_number", self._now())
                await self._tell(LET_GO, fact, line_id, command)
            case LineReinstated(campaign_id=campaign_id, line_id=line_id):
                voter_ids = await voters_on(self._views, campaign_id, line_id)
                command = RestoreLine(campaign_id, line_id, voter_ids, "retired_line")
                await self._tell(LET_GO, fact, line_id, command)
            case VoterLineRelinked(campaign_id=campaign_id, line_id=line_id, voter_id=voter_id):
                command = RestoreVoter(campaign_id, line_id, voter_id, "wrong_number")
                await self._tell(LET_GO, fact, line_id, command)

    async def _follow_voter(self, fact: Recorded, effect: LineSuppressed | LineRestored) -> None:
        """What a voter asked for on one line holds on the voter's others."""
        voter_id, reason = effect.voter_id, effect.reason
        if voter_id is None or not holds_on_every_line(effect):
            return
        campaign_id = effect.campaign_id
        for line_id in await lines_of(self._views, campaign_id, voter_id):
            if line_id == effect.line_id:
                continue
            command: LineCommand = (
                SuppressVoter(campaign_id, line_id, voter_id, reason, self._now())
                if isinstance(effect, LineSuppressed)
                else RestoreVoter(campaign_id, line_id, voter_id, reason)
            )
            await self._tell(f"{FOLLOW_VOTER}/{reason}", fact, line_id, command)

    async def _tell(
        self, policy: str, fact: Recorded, line_id: str, command: LineCommand
    ) -> Handled:
        campaign_id: str = getattr(fact.event, "campaign_id", "")
        stream = line_stream(campaign_id, line_id)
        request = policy_request(policy, fact, stream, self._now())
        return await handle(self._log, LINE, stream, command, request)

    async def _bank(self, bank_id: str) -> PhoneBankCreated:
        """A bank with its settings of ten seconds ago, at most."""
        at = self._now()
        known = self._banks.get(bank_id)
        if known is None or not timedelta(0) <= at - known[0] < STALE:
            history = await self._log.read(bank_stream(bank_id))
            bank = BANK.fold(history.facts)  # type: ignore[arg-type]  # its own stream.
            known = self._banks[bank_id] = (at, bank.creation)
        return known[1]


def _line_of(fact: Recorded) -> str:
    """The results of one household end attempts on one stream: they take turns, or go together."""
    match fact.event:
        case CallDispositioned(line_id=line_id):
            return line_id
    return fact.event.key


def policies(log: Log, views: Database, now: Now) -> tuple[Policy, ...]:
    """The policies of the queue."""
    reactions = Reactions(log, views, now)
    return (
        Policy(
            END_ATTEMPT,
            (CallDispositioned,),
            reactions.end_attempt,
            turn=_line_of,
            react_together=reactions.end_attempts,
        ),
        Policy(
            LET_GO,
            (LineRetired, LineReinstated, VoterLineUnlinked, VoterLineRelinked),
            reactions.let_go,
        ),
    )
