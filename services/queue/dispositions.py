"""The fourteen ways an attempt ends: what callers read, and what follows from each. Pure tables."""

from dataclasses import dataclass
from datetime import timedelta

from libs.events.queue import SuppressionReason
from libs.events.results import Disposition

HUNG_UP_RESTS = timedelta(days=7)
UNREACHABLE_RESTS = timedelta(days=3)
SUSPECT_RESTS = timedelta(days=3)
PROMISE_PREFERENCE = timedelta(minutes=30)

# These let the voter go. The first four follow the voter to every line that is known of them.
VOTER_LET_GO: dict[Disposition, SuppressionReason] = {
    Disposition.REFUSED: "refused",
    Disposition.DECEASED: "deceased",
    Disposition.DO_NOT_CALL: "do_not_call",
    Disposition.MOVED: "moved",
    Disposition.WRONG_NUMBER: "wrong_number",
}
ON_EVERY_LINE: frozenset[SuppressionReason] = frozenset(
    {"refused", "deceased", "do_not_call", "moved", "voted"}
)
# A new number does not bring a voter back from these, as it would from having moved.
FOR_GOOD: frozenset[SuppressionReason] = frozenset({"refused", "deceased", "do_not_call", "voted"})
# These say something of the line, and nothing of how often the voter was disturbed.
ABOUT_THE_LINE = frozenset({Disposition.WRONG_NUMBER, Disposition.DISCONNECTED})
# What is only true of the numbers known by then: a new one makes the voter worth a call again.
UNTIL_A_NEW_NUMBER = ABOUT_THE_LINE | {Disposition.MOVED}
# After these the same phone bank calls the voter again, in another part of another day.
CALLED_AGAIN = frozenset(
    {
        Disposition.NOT_HOME,
        Disposition.BUSY,
        Disposition.LEFT_MESSAGE,
        Disposition.LANGUAGE_BARRIER,
        Disposition.CALL_BACK,
    }
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A disposition as callers see it; `per_line` may be marked for the household in one tap."""

    value: Disposition
    label: str
    help: str
    per_line: bool = False
    default: bool = False


CHOICES = (
    Choice(
        Disposition.NOT_HOME,
        "Not home",
        "Nobody answered, or the voter was not there. We call again.",
        per_line=True,
        default=True,
    ),
    Choice(
        Disposition.BUSY,
        "Busy",
        "The line was busy. We call again.",
        per_line=True,
        default=True,
    ),
    Choice(
        Disposition.WRONG_NUMBER,
        "Wrong number",
        "Somebody else has this number. It cleans up the list: a good call.",
        per_line=True,
        default=True,
    ),
    Choice(
        Disposition.DISCONNECTED,
        "Disconnected",
        "The number is out of service.",
        per_line=True,
        default=True,
    ),
    Choice(
        Disposition.REFUSED,
        "Refused",
        "The voter asked, in words, to be left alone. This campaign does not call again.",
        default=True,
    ),
    Choice(
        Disposition.DECEASED,
        "Deceased",
        "Say how sorry you are. Nobody asks for this voter again; the household stays.",
        default=True,
    ),
    Choice(
        Disposition.CANVASSED,
        "Talked to the voter",
        "You spoke with the voter: mark the answers in the script.",
        default=True,
    ),
    Choice(
        Disposition.CALL_BACK,
        "Call back at …",
        "The voter asked for another time. You are asked first when it comes.",
    ),
    Choice(Disposition.HUNG_UP, "Hung up", "They hung up and asked for nothing."),
    Choice(
        Disposition.DO_NOT_CALL,
        "Never call again",
        "Anybody on this line may ask for it. Nobody calls this voter or this number again.",
    ),
    Choice(Disposition.MOVED, "Moved", "The voter does not live there any more."),
    Choice(
        Disposition.LANGUAGE_BARRIER,
        "Language barrier",
        "Say which language: somebody who speaks it calls again.",
    ),
    Choice(
        Disposition.LEFT_MESSAGE,
        "Left a message",
        "You left the message in the script. It is not counted as a contact.",
    ),
)
