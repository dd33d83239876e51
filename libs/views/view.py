"""The port of a read model and of a policy: what a service writes, the runner does the rest."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from libs.events.base import Event, Recorded

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Index:
    """An index that a view's questions need, e.g. `Index([("campaign_id", 1), ("due_at", 1)])`."""

    keys: Sequence[tuple[str, int]]
    unique: bool = False
    partial: dict[str, Any] | None = None


class View(Protocol):
    """A read model: which rows a fact touches, and what it makes of each.

    `version` is part of its collection's name (`<name>_v<version>`): raise it when the shape or
    the fold changes, and a new collection is built beside the old one.
    `listens` are the facts it folds; others never reach it.
    """

    @property
    def name(self) -> str:
        """A noun in the plural, its collection's name before the version."""

    @property
    def version(self) -> int:
        """From 1 on."""

    @property
    def listens(self) -> tuple[type[Event], ...]:
        """The facts it folds."""

    @property
    def indexes(self) -> tuple[Index, ...]:
        """What its questions need."""

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The ids of the rows that this fact touches, from the fact alone."""

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """The row after this fact; `row` may be altered. None: no row yet, and none needed.

        Facts of one (topic, partition) arrive in order, those of several in any interleaving,
        and the result must be the same: derive shared fields from the facts' own times and
        versions, never from their arrival. Never touch `_id`, `rev` and `seen`.
        """


@runtime_checkable
class Deriving(Protocol):
    """A view some of whose fields follow from the others, whatever the last fact was."""

    def derive(self, row: Row) -> Row:
        """The row with these fields made new: once after the facts of a batch, before it is kept.

        `evolve` neither sets nor reads them, so that a batch of several facts pays for it once.
        """


Reaction = Callable[[Recorded], Awaitable[None]]
# False: not done, or perhaps not all of it; each fact is to be reacted to by itself.
JointReaction = Callable[[Sequence[Recorded]], Awaitable[bool]]


def key_of_fact(fact: Recorded) -> str:
    """The Kafka key."""
    return fact.event.key


@dataclass(frozen=True, slots=True)
class Policy:
    """A foreign fact becomes our command.

    `react` appends under `policy_id(name, fact, stream)`, so a repeated fact does nothing; it is
    never run by a rebuild. Facts of one turn are reacted to in order, others side by side. A turn
    is the fact's Kafka key, or what `turn` names: the stream that the commands go to, so that two
    of them do not race for one version.

    `react_together`, where there is one, is asked first for facts of one foreign commit that follow
    one another in a turn. Facts that come again may be grouped otherwise, so after anything it did,
    wholly or in part, it must be safe to ask it or `react` again for any of them.
    """

    name: str
    listens: tuple[type[Event], ...]
    react: Reaction
    turn: Callable[[Recorded], str] = key_of_fact
    react_together: JointReaction | None = None
