"""A correction leaves the line as if the call had been recorded right at once: every pair."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from libs.events.queue import AttemptEnded, LineRestored, LineSuppressed
from libs.events.results import Disposition
from services.queue.domain.errors import LineLetGo
from services.queue.domain.line_commands import EndAttempt, RestoreLine, RestoreVoter
from services.queue.domain.line_state import Line
from tests.queue.lines import (
    ANN,
    BOB,
    CAMPAIGN,
    DAY,
    LINE_ID,
    MINUTE,
    MORNING,
    assign,
    at,
    end,
    line,
)
from tests.queue.test_dispositions import ENDINGS
from tests.support.spec import Spec

CALLED_AT = MORNING + 2 * MINUTE
BOTH = ("ann", "bob")
ROWS: list[Any] = list(ENDINGS)
LETS_GO = {
    (row[0], "definite" in row[1]): ([row[3]] if row[3] else [], [row[4]] if row[4] else [])
    for row in ROWS
}
PAIRS = [(one[:2], other[:2]) for one, other in permutations(ROWS, 2)]


def ended(ending: tuple[Disposition, dict[str, Any]], minutes: float = 0, **changed) -> EndAttempt:
    """The end of the same call, as it was received so many minutes after it."""
    disposition, said = ending
    received_at = CALLED_AT + minutes * MINUTE
    return end(disposition, **({"received_at": received_at} | said | changed))


def left(history: Spec) -> dict[str, Any]:
    """What the line comes to, whenever it was told."""
    state: Line = history.decider.fold(history.facts)
    return {
        "attempts": [replace(attempt, received_at=None) for attempt in state.attempts],
        "line": state.let_go,
        "voter": state.voter_let_go("ann"),
        "assignment": state.assignment,
    }


def named(pair: Any) -> str:
    return f"{pair[0]}{'!' if pair[1].get('definite') else ''}"


@pytest.mark.parametrize(("was", "corrected"), PAIRS, ids=named)
def test_after_a_correction_the_line_is_as_if_it_had_been_told_right_at_once(
    was: Any, corrected: Any
) -> None:
    history = line.done(assign(), ended(was)).done(ended(corrected, 1))
    assert left(history) == left(line.done(assign(), ended(corrected)))


@pytest.mark.parametrize(("was", "corrected"), PAIRS, ids=named)
def test_a_correction_tells_exactly_who_is_let_go_and_who_no_longer_is(
    was: Any, corrected: Any
) -> None:
    facts = line.done(assign(), ended(was)).when(ended(corrected, 1)).facts()
    voter_was, line_was = LETS_GO[was[0], "definite" in was[1]]
    voter_is, line_is = LETS_GO[corrected[0], "definite" in corrected[1]]
    assert isinstance(facts[0], AttemptEnded)
    restored = [(f.voter_id, f.reason) for f in facts if isinstance(f, LineRestored)]
    suppressed = [(f.voter_id, f.reason) for f in facts if isinstance(f, LineSuppressed)]
    assert restored == [
        *(("ann", reason) for reason in voter_was if reason not in voter_is),
        *((None, reason) for reason in line_was if reason not in line_is),
    ]
    assert suppressed == [
        *(("ann", reason) for reason in voter_is if reason not in voter_was),
        *((None, reason) for reason in line_is if reason not in line_was),
    ]


@pytest.mark.parametrize(("was", "corrected"), PAIRS, ids=named)
def test_what_was_corrected_and_comes_again_changes_nothing(was: Any, corrected: Any) -> None:
    history = line.done(assign(), ended(was)).done(ended(corrected, 1))
    history.when(ended(corrected, 1)).then()
    history.when(ended(was)).then()


def test_a_promise_is_taken_back_and_kept_at_another_time() -> None:
    tomorrow, friday = at(7, 18), at(9, 18)
    history = line.done(assign(), ended((Disposition.NOT_HOME, {"call_back_at": tomorrow})))
    moved = history.when(ended((Disposition.NOT_HOME, {"call_back_at": friday}), 1)).facts()
    assert [(fact.due_at, fact.preferred_caller_id) for fact in moved] == [(friday, "casper")]
    gone = history.when(ended((Disposition.NOT_HOME, {}), 1)).facts()
    assert [(fact.due_at, fact.preferred_caller_id) for fact in gone] == [(at(7, 12), None)]


def report(name: str, when: int, minutes: float = 0, **changed) -> EndAttempt:
    """A call on that day of October that found the line disconnected."""
    told = at(when, 14)
    return end(
        changed.pop("disposition", Disposition.DISCONNECTED),
        name,
        told,
        received_at=told + minutes * MINUTE,
        **changed,
    )


def disconnected_twice(**second) -> Spec:
    return line.done(
        assign("first", at(6, 13)),
        report("first", 6),
        assign("check", at(10, 13)),
        report("check", 10, **second),
    )


def is_let_go(history: Spec) -> bool:
    return bool(history.decider.fold(history.facts).let_go)


@pytest.mark.parametrize("slip", ["first", "check"])
def test_of_two_reports_that_retired_a_line_one_is_not_enough(slip: str) -> None:
    day = 6 if slip == "first" else 10
    history = disconnected_twice()
    assert is_let_go(history)
    history = history.done(report(slip, day, 1, disposition=Disposition.NOT_HOME))
    assert not is_let_go(history)
    # It is suspect again, and the one check is called for.
    assert history.when(assign("next", at(20, 18))).facts()
    assert is_let_go(history.done(report(slip, day, 2)))


def test_a_recording_that_says_so_retires_the_line_by_itself() -> None:
    history = disconnected_twice(definite=True)
    assert is_let_go(history.done(report("first", 6, 1, disposition=Disposition.NOT_HOME)))
    # What was no recording after all is the second report in a row.
    assert is_let_go(history.done(report("check", 10, 1)))
    once = line.done(assign(), ended((Disposition.DISCONNECTED, {"definite": True})))
    assert not is_let_go(once.done(ended((Disposition.DISCONNECTED, {}), 1)))


def test_a_report_put_before_a_call_that_found_somebody_retires_nothing() -> None:
    history = line.done(
        assign("first", at(6, 13)),
        report("first", 6, disposition=Disposition.BUSY),
        assign("second", at(7, 13) + 4 * DAY),
        report("second", 11, disposition=Disposition.NOT_HOME),
        assign("third", at(14, 18), attempts_max=9),
        report("third", 14, attempts_max=9),
    )
    assert not is_let_go(history.done(report("first", 6, 1)))


def test_a_household_told_of_one_call_is_one_report_to_take_back() -> None:
    dead = (Disposition.DISCONNECTED, {"definite": True, "voter_ids": BOTH})
    home = (Disposition.NOT_HOME, {"voter_ids": BOTH})
    history = line.done(assign(voters=(ANN, BOB)), ended(dead), ended(dead, voter_id="bob")).done(
        ended(home, 1)
    )
    history.when(assign("next", at(20, 12), voters=(ANN, BOB))).then_refused(LineLetGo)
    history = history.done(ended(home, 1, voter_id="bob"))
    assert history.when(assign("next", at(20, 12), voters=(ANN, BOB))).facts()


def test_a_call_is_a_report_as_long_as_one_voter_of_it_says_so() -> None:
    both: dict[str, Any] = {"voters": (ANN, BOB)}
    history = line.done(assign("first", at(6, 13), **both), report("first", 6, voter_ids=BOTH))
    history = history.done(
        report("first", 6, voter_ids=BOTH, voter_id="bob"),
        assign("check", at(10, 13), **both),
        report("check", 10, voter_ids=BOTH),
        report("check", 10, voter_ids=BOTH, voter_id="bob"),
    )
    home: dict[str, Any] = {"disposition": Disposition.NOT_HOME, "voter_ids": BOTH}
    history = history.done(report("check", 10, 1, **home))
    assert is_let_go(history)
    assert is_let_go(history.done(report("first", 6, 1, **home)))
    assert not is_let_go(history.done(report("check", 10, 1, voter_id="bob", **home)))


def test_nobody_else_takes_back_what_a_result_on_the_line_says() -> None:
    restored = RestoreVoter(CAMPAIGN, LINE_ID, "ann", "refused")
    line.done(assign(), ended((Disposition.REFUSED, {}))).when(restored).then()
    dead = line.done(assign(), ended((Disposition.DISCONNECTED, {"definite": True})))
    dead.when(RestoreLine(CAMPAIGN, LINE_ID, ("ann",), "retired_line")).then()
    never = line.done(assign(), ended((Disposition.DO_NOT_CALL, {})))
    never.when(RestoreLine(CAMPAIGN, LINE_ID, ("ann",), "do_not_call")).then()


def test_of_two_results_for_one_attempt_at_one_time_the_one_received_later_counts() -> None:
    history = line.done(assign(), ended((Disposition.REFUSED, {})))
    other = ended((Disposition.NOT_HOME, {}), 1, call_id="other")
    assert left(history.done(other))["voter"] == frozenset()
    history.when(replace(other, received_at=CALLED_AT - MINUTE)).then()


@pytest.mark.parametrize("ending", [row[:2] for row in ROWS], ids=named)
def test_another_result_that_says_the_same_takes_nothing_back(ending: Any) -> None:
    history = line.done(assign(), ended(ending))
    facts = history.when(ended(ending, 1, call_id="other")).facts()
    assert [type(fact) for fact in facts] == [AttemptEnded]
    told = left(history)
    assert {name: left(history.given(*facts))[name] for name in ("line", "voter")} == {
        name: told[name] for name in ("line", "voter")
    }
