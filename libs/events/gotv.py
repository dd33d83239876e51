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
    """The voter's latest answer that stands no longer meets the rule, or none stands any more.

    The fields are those of the answer that counts now, else of the one that was taken back.
    """

    campaign_id: str
    voter_id: str
    level: int
    call_id: str
    answered_at: AwareDatetime
