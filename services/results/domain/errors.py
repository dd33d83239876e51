"""Every way results says no; being late, repeated or out of order is none of them."""

from libs.decider import Forbidden, Invalid, Missing


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
