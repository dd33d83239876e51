"""Pages of a list that is put together in memory: each begins behind the last entry before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Part(Generic[Entry]):
    """What one page shows of `total` entries; `after` leads here and `next` on, if anywhere."""

    entries: Sequence[Entry]
    total: int
    after: str
    next: str | None


def part_of(
    entries: Sequence[Entry], after: str, size: int, id_of: Callable[[Entry], str]
) -> Part[Entry]:
    """The `size` entries behind the one of this id; the first ones where there is none such."""
    place = next((at for at, each in enumerate(entries, 1) if id_of(each) == after), 0)
    shown = entries[place : place + size]
    is_last = place + size >= len(entries)
    return Part(shown, len(entries), after if place else "", None if is_last else id_of(shown[-1]))
