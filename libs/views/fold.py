"""The pure half of the runner: facts folded into one row, each at most once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import cast

from libs.events.base import Recorded
from libs.views.view import Deriving, Row, View

# What the runner keeps in a row beside what the view made of it.
ENVELOPE = ("_id", "rev", "seen")

Seen = dict[str, int]


@lru_cache(maxsize=4096)
def label_of(topic: str, partition: int) -> str:
    """The name of a partition inside a document: no dots, for MongoDB reads them as a path."""
    return f"{topic.replace('.', '_')}/{partition}"


def collection_of(view: View) -> str:
    """The collection of this version of a view; its name in `parked` and `view_state` too."""
    return f"{view.name}_v{view.version}"


def unseen(seen: Mapping[str, int], fact: Recorded) -> bool:
    """Whether a row with this `seen` has not folded the fact yet."""
    return fact.position > seen.get(label_of(fact.topic, fact.partition), 0)


def seen_of(row: Row | None) -> Seen:
    """A copy of what the row has folded: the last position of each partition."""
    return dict(row["seen"]) if row else {}


@dataclass(frozen=True, slots=True)
class Failure:
    """The fact at which a row's fold raised, and what it said (no values: they could be texts).

    `is_guess`: the row could not be derived after several facts, of which this is the last.
    """

    fact: Recorded
    reason: str
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class Folded:
    """A row after its facts: how many it folded, and the first of them.

    `row` is None when there is none yet and none is needed.
    With a `failure` the row is half-changed and worth nothing: read it again and fold what came
    before the failing fact.
    """

    row: Row | None
    facts: int
    first: Recorded | None = None
    failure: Failure | None = None


def fold(
    view: View, row_id: str, row: Row | None, facts: Iterable[Recorded], *, slowly: bool = False
) -> Folded:
    """Fold the facts that the row has not seen; `row` may be altered.

    `slowly`: derive after each fact, which tells at which one that fails.
    """
    rev = row["rev"] if row else 0
    seen = seen_of(row)
    folded = 0
    first: Recorded | None = None
    last: Recorded | None = None
    for fact in facts:
        label = label_of(fact.topic, fact.partition)
        if fact.position <= seen.get(label, 0):
            continue
        existed = row is not None
        try:
            row = _evolved(view, row, fact, derive=slowly)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a fold raises, other rows go on.
            return Folded(None, folded, failure=Failure(fact, type(error).__name__))
        if row is None and existed:
            return Folded(None, folded, failure=Failure(fact, "a row was taken back"))
        if row is not None:
            folded += 1
            first, last = first or fact, fact
            seen[label] = fact.position
            row["_id"], row["rev"], row["seen"] = row_id, rev, seen
    done = Folded(row, folded, first)
    return done if last is None or slowly else _derived(view, done, last)


def _evolved(view: View, row: Row | None, fact: Recorded, *, derive: bool) -> Row | None:
    row = view.evolve(row, fact)
    if derive and row is not None and _derives(type(view)):
        return cast("Deriving", view).derive(row)
    return row


def _derived(view: View, done: Folded, last: Recorded) -> Folded:
    """The row derived once, after all of its facts."""
    if done.row is None or not _derives(type(view)):
        return done
    try:
        row = cast("Deriving", view).derive(done.row)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - as above.
        guess = Failure(last, type(error).__name__, is_guess=done.facts > 1)
        return Folded(None, done.facts, failure=guess)
    return replace(done, row=row)


@cache
def _derives(kind: type[View]) -> bool:
    """Asked of each row, and slow to find out."""
    return issubclass(kind, Deriving)


def rows_touched(view: View, fact: Recorded) -> tuple[str, ...]:
    """The ids of the rows that the fact touches, each once."""
    return tuple(dict.fromkeys(view.keys(fact)))


def before(facts: Sequence[Recorded], stop: Recorded) -> int:
    """How many of `facts` come before `stop`; all when it is not among them."""
    for index, fact in enumerate(facts):
        if fact is stop:
            return index
    return len(facts)
