"""The dispositions as one phone bank shows them: renamed, explained, ordered, hidden. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from libs.events.queue import ShownDisposition
from libs.events.results import Disposition
from services.queue.dispositions import CHOICES, Choice

Place = Literal["first", "more", "hidden"]


@dataclass(frozen=True, slots=True)
class ShownChoice:
    """A disposition with this bank's words, and where it is."""

    choice: Choice
    label: str
    help: str
    place: Place

    def as_json(self) -> dict[str, Any]:
        """For the call screen; `default` ones are shown at once, the others under More."""
        return {
            "value": str(self.choice.value),
            "label": self.label,
            "help": self.help,
            "per_line": self.choice.per_line,
            "default": self.place == "first",
        }


def choices_of(settings: Iterable[ShownDisposition]) -> tuple[ShownChoice, ...]:
    """All that callers may say, in this bank's order; those not named follow as usual."""
    named = {each.value: each for each in settings}
    usual = {choice.value: choice for choice in CHOICES}
    order = [value for value in named if value in usual]
    order += [value for value in usual if value not in named]
    return tuple(_shown(usual[value], named.get(value)) for value in order)


def for_callers(
    settings: Iterable[ShownDisposition], *, messages_allowed: bool
) -> list[dict[str, Any]]:
    """The dispositions of the call screen; a message may be left only where it is allowed."""
    return [
        each.as_json()
        for each in choices_of(settings)
        if each.place != "hidden"
        and (messages_allowed or each.choice.value != Disposition.LEFT_MESSAGE)
    ]


def _shown(choice: Choice, said: ShownDisposition | None) -> ShownChoice:
    usual: Place = "first" if choice.default else "more"
    if said is None:
        return ShownChoice(choice, choice.label, choice.help, usual)
    return ShownChoice(choice, said.label or choice.label, said.help or choice.help, said.place)
