"""Where each caller sits: the number of the last slot, and what this process knows to be in it."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from libs.chassis.problems import TooMany
from libs.chassis.tickets import Receipt

SEATS_MAX = 100_000
HOUR = timedelta(hours=1)


def claim_of(caller_id: str, slot: int) -> str:
    """The name that only one commit ever holds: a caller's slot of this number."""
    return f"{claims_of(caller_id)}{slot:08d}"


def claims_of(caller_id: str) -> str:
    """What the names of all slots of a caller begin with."""
    return f"slot/{caller_id}/"


@dataclass(slots=True)
class Seat:
    """A caller's last slot. `assignment_id` None: nothing open is in it, as far as we know.

    An idea, like everything in memory: the claim of the next slot is what decides.
    """

    number: int
    assignment_id: str | None = None
    day: date | None = None
    calls: int = 0
    shown: deque[tuple[datetime, int]] = field(default_factory=deque)

    def check_pace(self, at: datetime, voters_per_hour_max: int) -> None:
        """Raise TooMany when the caller has been shown that many voters within the hour."""
        if not voters_per_hour_max:
            return
        while self.shown and self.shown[0][0] <= at - HOUR:
            self.shown.popleft()
        if sum(voters for _, voters in self.shown) >= voters_per_hour_max:
            wait = self.shown[0][0] + HOUR - at
            raise TooMany(
                "You have been shown as many voters as a caller may be in an hour.",
                retry_after_seconds=max(1, int(wait.total_seconds())),
            )

    def took(self, number: int, assignment_id: str, at: datetime, voters: int) -> None:
        """The caller was handed an assignment."""
        self.number, self.assignment_id = number, assignment_id
        self.shown.append((at, voters))

    def calls_on(self, at: datetime) -> int | None:
        """The calls of today, None when this process does not know them."""
        return self.calls if self.day == at.date() else None


class Seats:
    """The seats of the callers this process saw last."""

    def __init__(self) -> None:
        self._seats: OrderedDict[str, Seat] = OrderedDict()

    def get(self, caller_id: str) -> Seat | None:
        """The caller's seat, if this process knows it."""
        return self._seats.get(caller_id)

    def put(self, caller_id: str, number: int, assignment_id: str | None) -> Seat:
        """What the log says of the caller's last slot."""
        seat = self._seats.setdefault(caller_id, Seat(number))
        seat.number, seat.assignment_id = number, assignment_id
        self._seats.move_to_end(caller_id)
        if len(self._seats) > SEATS_MAX:
            self._seats.popitem(last=False)
        return seat

    def freed_by(self, receipt: Receipt) -> None:
        """Results has everything of this slot, so it is free whatever the line has learned yet.

        An old receipt, of a slot before the last, says nothing.
        """
        if not receipt.complete:
            return
        seat = self._seats.get(receipt.caller_id)
        if seat is None:
            self.put(receipt.caller_id, receipt.slot, None)
        elif receipt.slot >= seat.number:
            if seat.assignment_id is not None:
                seat.calls += 1
            seat.number, seat.assignment_id = receipt.slot, None

    def freed(self, caller_id: str, assignment_id: str) -> None:
        """The assignment was given back, or ended otherwise."""
        seat = self._seats.get(caller_id)
        if seat is not None and seat.assignment_id == assignment_id:
            seat.assignment_id = None
