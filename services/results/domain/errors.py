"""Every way results says no; being late, repeated or out of order is none of them."""

from libs.decider import Conflict, Forbidden, Invalid, Missing


class NotYourCall(Forbidden):
    """This ticket was given to another caller; log in as that caller to send the result."""


class NotOnTicket(Invalid):
    """The ticket names other voters; send the voters of the assignment that it was given with."""


class ResultInvalid(Invalid):
    """Something in the result does not fit; the field is named with what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}", errors=[{"field": field, "message": message}])


class NoSuchPhoneBank(Missing):
    """There is no such phone bank; check the link, or wait a moment if it was just created."""


class NoSuchCampaign(Missing):
    """There is no such campaign; check the link, or wait a moment if it was just created."""


class NoSuchCall(Missing):
    """This call is not known, or had no such voter; check the link for a slip."""


class NotYoursToCorrect(Forbidden):
    """A call is put right by the caller who made it, or by a lead of the phone bank; ask a lead."""


class TooLateToCorrect(Forbidden):
    """The ten minutes in which you can put a call right yourself are over; please ask a lead."""


class AnotherResultCounts(Conflict):
    """Another result for this voter came later and counts; put that one right. `call_id` is it."""
