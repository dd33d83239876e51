"""What a phone bank's figures count, as tables; and that a correction takes back what was said."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.results import CallDispositioned, CallSuperseded
from services.gotv.dashboard import FORMULAS
from services.gotv.views.bank_totals import FIGURES, BankTotals, Totals, slot_of
from tests.results.facts import dispositioned, fold_all, recorded
from tests.results.moments import EVENING, at

HOUSEHOLD = ("ann", "bob")


def totals(*facts: CallDispositioned | CallSuperseded) -> Totals:
    summed = Totals()
    for row in fold_all(BankTotals(), recorded(facts)).values():
        summed.add(row, EVENING)
    return summed


def figures(*facts: CallDispositioned | CallSuperseded) -> dict[str, int]:
    return {name: totals(*facts).figures[name] for name in FIGURES}


def counted(**changed: int) -> dict[str, int]:
    return {**dict.fromkeys(FIGURES, 0), "calls": 1, "attempts": 1, "dials": 1} | changed


SPOKE = {"contacts": 1, "conversations": 1}
TALKED = {"disposition": "canvassed", "spoke_with": "voter"}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, counted()),
        ({"disposition": "busy"}, counted()),
        ({"disposition": "unreachable"}, counted(dials=0)),
        ({"disposition": "wrong_number"}, counted(contacts=1)),
        ({"disposition": "wrong_number", "spoke_with": "other"}, counted(contacts=1)),
        ({"disposition": "disconnected"}, counted()),
        ({"disposition": "not_home", "spoke_with": "other"}, counted(contacts=1)),
        ({"disposition": "left_message", "spoke_with": "other"}, counted()),
        ({"disposition": "left_message", "spoke_with": "voter"}, counted()),
        ({"disposition": "hung_up"}, counted(contacts=1)),
        ({"disposition": "canvassed", "spoke_with": "voter"}, counted(**SPOKE)),
        (
            {"disposition": "canvassed", "spoke_with": "voter", "support": 3},
            counted(ids=1, **SPOKE),
        ),
        ({"disposition": "refused", "spoke_with": "voter", "support": 0}, counted(**SPOKE)),
        (TALKED | {"volunteer": True}, counted(volunteers=1, **SPOKE)),
        (TALKED | {"volunteer": False}, counted(**SPOKE)),
    ],
)
def test_what_one_result_counts_as(told: dict[str, Any], expected: dict[str, int]) -> None:
    assert figures(dispositioned("ann", **told)) == expected


def test_a_household_is_one_dial_and_as_many_results() -> None:
    ann = dispositioned("ann", voter_ids=HOUSEHOLD, spoke_with="other_voter")
    bob = dispositioned("bob", voter_ids=HOUSEHOLD, spoke_with="voter", disposition="canvassed")
    assert figures(ann, bob) == counted(calls=2, contacts=1, conversations=1)


def test_a_correction_takes_back_and_counts_anew() -> None:
    """It keeps the call's id and time: a 5 that should have been a 1, and a yes that was a no."""
    slip = dispositioned(
        "ann", spoke_with="voter", disposition="canvassed", support=5, volunteer=True
    )
    mended = slip.model_copy(update={"support": 1, "volunteer": False, "received_at": at(3)})
    taken_back = CallSuperseded(**slip.model_dump(), by_call_id=slip.call_id)
    summed = totals(slip, mended, taken_back)
    assert {name: summed.figures[name] for name in FIGURES} == counted(ids=1, **SPOKE)
    assert (summed.support["1"], summed.support["5"]) == (1, 0)
    assert summed.dispositions["canvassed"] == summed.organizations["o1"] == 1
    assert summed.calls_last_hour == 1
    assert sum(summed.dials_by_slot.values()) == sum(summed.contacts_by_slot.values()) == 1


@given(
    st.lists(
        st.builds(
            dispositioned,
            st.sampled_from(HOUSEHOLD),
            voter_ids=st.just(HOUSEHOLD),
            disposition=st.sampled_from(("not_home", "canvassed", "unreachable", "wrong_number")),
            spoke_with=st.sampled_from(("voter", "other", "nobody")),
            support=st.none() | st.integers(0, 5),
            volunteer=st.none() | st.booleans(),
            organization_id=st.sampled_from((None, "o1", "o2")),
            called_at=st.integers(-60, 60).map(at),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_what_is_all_taken_back_leaves_nothing(results: list[CallDispositioned]) -> None:
    taken_back = [CallSuperseded(**each.model_dump(), by_call_id="z") for each in results]
    summed = totals(*results, *taken_back)
    assert not any(summed.figures.values())
    parts = (summed.dispositions, summed.support, summed.organizations)
    by_time = (summed.dials_by_slot, summed.contacts_by_slot)
    assert not any(count for part in (*parts, *by_time) for count in part.values())
    assert summed.calls_last_hour == 0


def test_slots_begin_on_tens_of_minutes_and_old_ones_are_let_go() -> None:
    summed = totals(*(dispositioned("ann", called_at=at(n)) for n in (-9, -1, 0, 9)))
    now = slot_of(EVENING)
    assert summed.dials_by_slot == {now - 1: 2, now: 2}
    two_days = dispositioned("ann", called_at=EVENING + timedelta(days=2))
    late = dispositioned("ann", called_at=EVENING)
    assert sum(totals(late, two_days, late).dials_by_slot.values()) == 1


def test_every_figure_has_its_formula() -> None:
    assert FORMULAS.keys() >= set(FIGURES)
