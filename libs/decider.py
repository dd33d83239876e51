"""How a rule is written: a pure decision over a folded state, and the ways it says no."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State")
Command = TypeVar("Command")
Fact = TypeVar("Fact")


class Refusal(Exception):
    """A rule said no. The docstring of a subclass is the sentence that the person sees.

    `detail` may say more about this very case; `extra` holds JSON fields of the answer.
    """

    def __init__(self, detail: str | None = None, **extra: object) -> None:
        super().__init__(detail or type(self).__doc__ or "")
        self.detail = detail
        self.extra = extra


class Missing(Refusal):
    """There is no such thing here."""


class Forbidden(Refusal):
    """This is not yours to do."""


class Conflict(Refusal):
    """This cannot be done as things stand now."""


class Invalid(Refusal):
    """What was sent does not fit; the fields are named with what to do."""


@dataclass(frozen=True, slots=True)
class Decider(Generic[State, Command, Fact]):
    """One aggregate: `decide(state, command) -> facts`, `evolve(state, fact) -> state`.

    Both are pure: no clock, no I/O, no randomness; time and ids arrive in the command. No facts
    means that there is nothing to do. A Refusal means that the command must not be done.
    """

    initial: Callable[[], State]
    evolve: Callable[[State, Fact], State]
    decide: Callable[[State, Command], Sequence[Fact]]

    def fold(self, facts: Iterable[Fact], state: State | None = None) -> State:
        """The state after `facts`, in their order."""
        current = self.initial() if state is None else state
        for fact in facts:
            current = self.evolve(current, fact)
        return current
