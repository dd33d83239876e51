"""An answer on support becomes a question to gotv's own rule: is this voter a supporter?"""

from libs.chassis.clock import Now
from libs.database import Database
from libs.events.base import Recorded
from libs.events.results import CallDispositioned
from libs.eventstore.store import Log, handle
from libs.views.policy import policy_request
from libs.views.view import Policy
from services.gotv.domain.supporter import SUPPORTER, SUPPORTER_LEVELS_DEFAULT, WeighAnswer
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
    """When a voter answered on support, weigh the answer by the campaign's rule."""
    rules = SupporterRules(views)

    async def react(fact: Recorded) -> None:
        result = fact.event
        if not isinstance(result, CallDispositioned) or result.support is None:
            return
        stream = f"voter-{result.campaign_id}-{result.voter_id}"
        command = WeighAnswer(
            campaign_id=result.campaign_id,
            voter_id=result.voter_id,
            level=result.support,
            call_id=result.call_id,
            answered_at=result.called_at,
            supporter_levels=await rules.of(result.campaign_id),
        )
        request = policy_request(WEIGH_SUPPORT, fact, stream, now())
        await handle(log, SUPPORTER, stream, command, request)

    return Policy(WEIGH_SUPPORT, (CallDispositioned,), react)
