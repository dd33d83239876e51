"""The facts of gotv: who is a supporter, by the campaign's rule."""

from pydantic import AwareDatetime

from libs.events.base import Event

TOPIC = "gotv.events"


class SupporterIdentified(Event, type="gotv.supporter-identified", version=1, key="voter_id"):
    """The voter's latest answer meets the campaign's rule for supporters."""

    campaign_id: str
    voter_id: str
    level: int
    call_id: str
    answered_at: AwareDatetime


class SupporterLost(Event, type="gotv.supporter-lost", version=1, key="voter_id"):
    """A supporter's later answer no longer meets the rule."""

    campaign_id: str
    voter_id: str
    level: int
    call_id: str
    answered_at: AwareDatetime
