"""A small aggregate with facts of its own, for tests of the log and its relay."""

from dataclasses import dataclass

from libs.decider import Conflict, Decider
from libs.events.base import Event


class Counted(Event, type="example.counted", version=1, key="counter_id"):
    """Something was counted."""

    counter_id: str
    by: int


class CounterFull(Conflict):
    """This counter counts no further."""


@dataclass(frozen=True)
class Count:
    """Count up by so much, to at most 100."""

    counter_id: str
    by: int = 1


def _decide(total: int, command: Count) -> list[Counted]:
    if not command.by:
        return []
    if total + command.by > 100:
        raise CounterFull
    return [Counted(counter_id=command.counter_id, by=command.by)]


COUNTER: Decider[int, Count, Counted] = Decider(
    initial=lambda: 0, evolve=lambda total, fact: total + fact.by, decide=_decide
)
