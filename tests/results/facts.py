"""Facts as tests give them to views: recorded, in every order in which topics may arrive."""

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from libs.events.base import Event, Recorded
from libs.events.results import CallDispositioned
from libs.eventstore.position import partition_of, position_of
from libs.views.fold import fold, rows_touched
from libs.views.view import Row, View
from tests.results.moments import at

PARTITIONS = 3
Rows = dict[str, Row]


def dispositioned(voter_id: str = "ann", **changed: Any) -> CallDispositioned:
    """A voter who was not home; `changed` says otherwise."""
    told: dict[str, Any] = {
        "campaign_id": "c1",
        "voter_id": voter_id,
        "voter_ids": (voter_id,),
        "call_id": f"call-{voter_id}",
        "assignment_id": "a1",
        "bank_id": "b1",
        "line_id": "l1",
        "caller_id": "casper",
        "organization_id": "o1",
        "script_version": 1,
        "disposition": "not_home",
        "spoke_with": "nobody",
        "answers": {},
        "called_at": at(),
        "received_at": at(),
    }
    return CallDispositioned.model_validate(told | changed)


def recorded(facts: Iterable[Event]) -> list[Recorded]:
    """Each fact on its publisher's topic, in the order given."""
    return [
        Recorded(
            event=fact,
            id=f"f{number}",
            stream="s",
            version=number,
            at=at(number),
            topic=f"{fact.TYPE.partition('.')[0]}.events",
            partition=partition_of(fact.key, PARTITIONS),
            position=position_of(number, 0, 0),
        )
        for number, fact in enumerate(facts, start=1)
    ]


def fold_all(view: View, facts: Iterable[Recorded], rows: Rows | None = None) -> Rows:
    """The rows after these facts, as the runner would have them; `rows` are those before."""
    rows = {} if rows is None else rows
    for fact in facts:
        if type(fact.event) not in view.listens:
            continue
        for row_id in rows_touched(view, fact):
            folded = fold(view, row_id, rows.get(row_id), [fact])
            assert folded.failure is None, folded.failure
            if folded.row is not None:
                rows[row_id] = folded.row
    return rows


@st.composite
def interleaved(draw: st.DrawFn, facts: Sequence[Recorded]) -> list[Recorded]:
    """The same facts in another order that the bus allows: each (topic, partition) in its own."""
    waiting = [
        list(group)
        for _, group in itertools.groupby(
            sorted(facts, key=lambda f: (f.topic, f.partition, f.position)),
            key=lambda f: (f.topic, f.partition),
        )
    ]
    order: list[Recorded] = []
    while waiting:
        place = draw(st.integers(0, len(waiting) - 1))
        order.append(waiting[place].pop(0))
        waiting = [group for group in waiting if group]
    # A restarted relay repeats what it may have sent before.
    return order + order[draw(st.integers(0, len(order))) :]
