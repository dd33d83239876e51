"""Given these facts, when this is asked, then these facts follow, or this refusal."""

from dataclasses import dataclass
from typing import Any

import pytest

from libs.decider import Decider, Refusal
from libs.events.base import Event


@dataclass(frozen=True)
class Spec:
    """A decider and what has happened so far; `when` needs nothing else."""

    decider: Decider[Any, Any, Any]
    facts: tuple[Event, ...] = ()

    def given(self, *facts: Event) -> "Spec":
        """These facts happened, in this order, after those given before."""
        return Spec(self.decider, (*self.facts, *facts))

    def done(self, *commands: Any) -> "Spec":
        """These commands were done, in this order; each must have led to a fact."""
        spec = self
        for command in commands:
            facts = spec.when(command).facts()
            assert facts, f"{command} led to nothing"
            spec = spec.given(*facts)
        return spec

    def when(self, command: Any) -> "Asked":
        """This is asked now."""
        return Asked(self, command)


@dataclass(frozen=True)
class Asked:
    """A command over a history."""

    spec: Spec
    command: Any

    def facts(self) -> list[Any]:
        """What follows. Raises the refusal, if that is what follows."""
        state = self.spec.decider.fold(self.spec.facts)
        return list(self.spec.decider.decide(state, self.command))

    def then(self, *facts: Event) -> None:
        """Exactly these facts follow; none at all means that there is nothing to do."""
        assert self.facts() == list(facts)

    def then_refused(self, refusal: type[Refusal]) -> Refusal:
        """The answer is this no; it is returned so that a test may look at what it says."""
        with pytest.raises(refusal) as caught:
            self.facts()
        return caught.value


def spec(decider: Decider[Any, Any, Any]) -> Spec:
    """The empty history of a decider."""
    return Spec(decider)
