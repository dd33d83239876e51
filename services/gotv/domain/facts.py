"""Facts of gotv that nobody else reads."""

from pydantic import AwareDatetime

from libs.events.base import Event


class SupportWeighed(Event, type="gotv.support-weighed", version=1, key="voter_id"):
    """A voter's newer answer was weighed and changed nothing; older ones no longer count."""

    campaign_id: str
    voter_id: str
    level: int
    call_id: str
    answered_at: AwareDatetime
