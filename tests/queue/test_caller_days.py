"""A caller's day in counters: the same in every order, small however many calls, corrected."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.database import as_bson
from libs.events.base import Event
from libs.events.results import CallDispositioned, CallSuperseded, Disposition
from libs.views.fold import ENVELOPE
from services.queue.views.caller_days import CallerDays, Evening, evening, row_id, slot_of
from tests.queue.lines import HOUR, MINUTE, MORNING
from tests.results.facts import dispositioned, fold_all, interleaved, recorded

FAMILY = ("ann", "bob")
SPOKEN: dict[str, Any] = {"disposition": Disposition.CANVASSED, "spoke_with": "voter"}


def call(number: int, minutes: float = 0, **changed: Any) -> CallDispositioned:
    """The call of an assignment to a voter of its own, unless told otherwise."""
    at = MORNING + minutes * MINUTE
    told: dict[str, Any] = {
        "voter_id": f"v{number}",
        "assignment_id": f"a{number}",
        "call_id": f"a{number}-1",
        "called_at": at,
        "received_at": at,
    }
    return dispositioned(**(told | changed))


def taken_back(result: CallDispositioned, by_call_id: str | None = None) -> CallSuperseded:
    return CallSuperseded(**result.model_dump(), by_call_id=by_call_id or result.call_id)


def days(facts: Sequence[Event]) -> dict[str, Any]:
    """The counters by row, from facts that all come twice."""
    every = recorded(facts)
    return {name: row["slots"] for name, row in fold_all(CallerDays(), every + every).items()}


def of_casper(facts: Sequence[Event]) -> Evening:
    slots = days(facts).get(row_id("casper", MORNING), {})
    return evening(slots, MORNING + HOUR)


def counts(calls: int) -> dict[str, int]:
    return {"calls": calls}


def test_an_evening_ends_with_a_long_pause_and_not_at_midnight() -> None:
    def hours_ago(hours: float) -> str:
        return str(slot_of(MORNING - timedelta(hours=hours)))

    slots = {
        hours_ago(9): {"calls": 1, "conversations": 1, "supporters": 1},
        hours_ago(2): {"calls": 1, "conversations": 1, "supporters": 1},
        hours_ago(1): {"calls": 1, "conversations": 1},
        hours_ago(0.1): {"calls": 2},
    }
    assert evening(slots, MORNING) == Evening(calls=4, conversations=2, supporters=1)
    assert evening(slots, MORNING + 7 * HOUR) == Evening()
    assert evening({}, MORNING) == Evening()


def test_no_shorter_pause_ends_an_evening() -> None:
    """The slots say ten minutes only; in doubt the call counts."""
    start = MORNING + 9 * MINUTE
    slots = {str(slot_of(start)): counts(1)}
    assert evening(slots, start + 6 * HOUR) == Evening(calls=1)
    assert evening(slots, start + 6 * HOUR + 10 * MINUTE) == Evening()


def test_every_call_counts_and_a_household_is_one() -> None:
    family: dict[str, Any] = {"assignment_id": "a0", "call_id": "a0-1", "voter_ids": FAMILY}
    facts = [
        call(0, voter_id="bob", **family),
        call(0, voter_id="ann", **family, **SPOKEN, support=2),
        call(1, 5, disposition="wrong_number", spoke_with="voter"),
        call(2, 15, **SPOKEN, support=4),
        call(3, 15, **(SPOKEN | {"disposition": "left_message"}), support=1),
    ]
    assert of_casper(facts) == Evening(calls=4, conversations=2, supporters=1)


def test_a_correction_moves_the_counters() -> None:
    slip = call(1, **SPOKEN, support=1)
    right = slip.model_copy(update={"disposition": Disposition.WRONG_NUMBER, "support": None})
    assert of_casper([slip]) == Evening(calls=1, conversations=1, supporters=1)
    corrected = [slip, right, taken_back(slip)]
    assert of_casper(corrected) == Evening(calls=1)
    again = right.model_copy(update=SPOKEN | {"support": 3})
    assert of_casper([*corrected, again, taken_back(right)]) == Evening(calls=1, conversations=1)


def test_a_late_result_counts_once_at_the_time_that_counts() -> None:
    first = call(1, **SPOKEN)
    later = call(1, 24 * 60, call_id="a1-2")
    told = days([first, later, taken_back(first, "a1-2")])
    assert told[row_id("casper", MORNING)] == {}
    assert told[row_id("casper", later.called_at)] == {str(slot_of(later.called_at)): counts(1)}
    earlier = call(1, -30, call_id="a1-2")
    assert of_casper([first, earlier, taken_back(earlier, "a1-1")]) == Evening(1, 1)


def test_a_row_does_not_grow_with_the_calls() -> None:
    def size(calls: int) -> int:
        evening_long = [
            call(number, 240 * number / calls, **SPOKEN, support=1) for number in range(calls)
        ]
        (row,) = fold_all(CallerDays(), recorded(evening_long)).values()
        return len(as_bson(row).raw)

    assert size(500) == size(48) < 2_500


@st.composite
def evenings(draw: st.DrawFn) -> list[Event]:
    """Calls of two callers, some corrected, some told a second time with another hour."""
    facts: list[Event] = []
    moments = st.integers(-600, 600)
    for number in range(draw(st.integers(1, 6))):
        told = draw(st.sampled_from([{}, SPOKEN, SPOKEN | {"support": 1}]))
        who = draw(st.sampled_from(("casper", "dora")))
        held = call(number, draw(moments), caller_id=who, **told)
        facts.append(held)
        for again in range(draw(st.integers(0, 2))):
            changed = draw(st.sampled_from([{"support": 5}, SPOKEN, {"spoke_with": "nobody"}]))
            at = draw(st.just(held.called_at) | moments.map(lambda m: MORNING + m * MINUTE))
            id_ = held.call_id if at == held.called_at else f"a{number}-{again + 2}"
            said = held.model_copy(update={**changed, "called_at": at, "call_id": id_})
            earlier, counted = (held, said) if at >= held.called_at else (said, held)
            facts += [said, taken_back(earlier, counted.call_id)]
            held = counted
    return facts


@given(facts=evenings(), data=st.data())
@settings(max_examples=150, deadline=None)
def test_no_order_of_arrival_leaves_a_trace_in_a_day(facts: list[Event], data: Any) -> None:
    every = recorded(facts)
    shuffled = fold_all(CallerDays(), data.draw(interleaved(every)))
    straight = fold_all(CallerDays(), every)
    assert _told(shuffled) == _told(straight)
    # What was taken back has left nothing: the rows are those of the results that count.
    gone = [fact for fact in facts if isinstance(fact, CallSuperseded)]
    calls = sum(isinstance(fact, CallDispositioned) for fact in facts) - len(gone)
    assert calls == sum(c["calls"] for row in straight.values() for c in row["slots"].values())


def _told(rows: dict[str, Any]) -> dict[str, Any]:
    return {
        row_id: {name: part for name, part in row.items() if name not in ENVELOPE}
        for row_id, row in rows.items()
    }
