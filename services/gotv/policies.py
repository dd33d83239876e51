"""An answer on support becomes a question to gotv's own rule: is this voter a supporter?"""

from dataclasses import replace

from libs.chassis.clock import Now
from libs.database import Database
from libs.events.base import Recorded
from libs.events.results import CallCorrected, CallDispositioned, CallSuperseded
from libs.eventstore.store import Log, handle
from libs.views.policy import policy_request
from libs.views.view import Policy
from services.gotv.domain.supporter import (
    SUPPORTER,
    SUPPORTER_LEVELS_DEFAULT,
    TakeBackAnswer,
    WeighAnswer,
)
from services.gotv.views.campaigns import read_campaign

WEIGH_SUPPORT = "weigh_support"


class SupporterRules:
    """Each campaign's supporter levels; a campaign is created with them and keeps them."""

    def __init__(self, views: Database) -> None:
        self._views = views
        self._known: dict[str, tuple[int, ...]] = {}

    async def of(self, campaign_id: str) -> tuple[int, ...]:
        """The levels, or the usual ones for a campaign that has not reached us."""
        known = self._known.get(campaign_id)
        if known is not None:
            return known
        row = await read_campaign(self._views, campaign_id)
        if row is None:
            return SUPPORTER_LEVELS_DEFAULT
        return self._known.setdefault(campaign_id, tuple(row["supporter_levels"]))


def weigh_support(log: Log, views: Database, now: Now) -> Policy:
    """When a voter answered on support, or that was a slip, weigh it by the campaign's rule."""
    rules = SupporterRules(views)

    async def react(fact: Recorded) -> None:
        command = _asked(fact)
        if command is None:
            return
        levels = await rules.of(command.campaign_id)
        stream = f"voter-{command.campaign_id}-{command.voter_id}"
        request = policy_request(WEIGH_SUPPORT, fact, stream, now())
        command = replace(command, supporter_levels=levels)
        await handle(log, SUPPORTER, stream, command, request)

    return Policy(WEIGH_SUPPORT, (CallDispositioned, CallSuperseded, CallCorrected), react)


def _asked(fact: Recorded) -> WeighAnswer | TakeBackAnswer | None:
    """What a fact asks to be weighed; None where it says nothing of support."""
    match fact.event:
        case CallDispositioned(support=int(support)) as result:
            return WeighAnswer(
                campaign_id=result.campaign_id,
                voter_id=result.voter_id,
                level=support,
                call_id=result.call_id,
                answered_at=result.called_at,
                received_at=result.received_at,
            )
        case CallCorrected(support_was=int(), support=None) as corrected:
            # Where a correction says another level, its CallDispositioned has said so.
            return TakeBackAnswer(
                campaign_id=corrected.campaign_id,
                voter_id=corrected.voter_id,
                call_id=corrected.call_id,
                received_at=corrected.corrected_at,
            )
        case CallSuperseded(support=int()) as gone if gone.by_call_id != gone.call_id:
            return TakeBackAnswer(
                campaign_id=gone.campaign_id,
                voter_id=gone.voter_id,
                call_id=gone.call_id,
                received_at=fact.at,
            )
    return None
