"""Facts of gotv that nobody else reads."""

from pydantic import AwareDatetime

from libs.events.base import Event


class SupportWeighed(Event, type="gotv.support-weighed", version=1, key="voter_id"):
    """What a call says of the voter's support was weighed; what follows is told by other facts.

    `level` None: the call says nothing of it any more, for it was corrected or counts no longer.
    `received_at` tells a correction from what it corrects; facts older than corrections lack it.
    """

    campaign_id: str
    voter_id: str
    level: int | None
    call_id: str
    answered_at: AwareDatetime
    received_at: AwareDatetime | None = None
