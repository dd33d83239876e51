"""Facts of voters that nobody else reads: who reported what of a line, and what was a slip."""

from pydantic import AwareDatetime

from libs.events.base import Event


class LineReported(Event, type="voters.line-reported", version=1, key="line_id"):
    """A call found the line disconnected, for one voter of it; or that was a slip (`stands`)."""

    campaign_id: str
    line_id: str
    call_id: str
    voter_id: str
    stands: bool
    definite: bool
    received_at: AwareDatetime


class NumberDisputed(Event, type="voters.number-disputed", version=1, key="voter_id"):
    """A call said that the number is not this voter's; or that was a slip (`stands`).

    `fictional`: the line is known to be a made-up number.
    """

    campaign_id: str
    voter_id: str
    line_id: str
    call_id: str
    stands: bool
    fictional: bool
    received_at: AwareDatetime
