"""Attempts: how often and when; promises kept; results late, twice and corrected."""

from dataclasses import replace

import pytest

from libs.events.queue import (
    AssignmentWithdrawn,
    AttemptEnded,
    LineRestored,
    LineSuppressed,
)
from libs.events.results import Disposition
from services.queue.domain.errors import (
    AssignmentClosed,
    LanguageNeeded,
    LineInUse,
    LineLetGo,
    NobodyDue,
    OutsideLineHours,
    PromisedToAnother,
)
from services.queue.domain.line import LEASE, LEASE_GRACE
from services.queue.domain.line_commands import (
    Candidate,
    ExpireAssignment,
    ExtendAssignment,
)
from tests.queue.lines import (
    ANN,
    BOB,
    CAMPAIGN,
    CENTRAL,
    EASTERN,
    LINE_ID,
    MINUTE,
    MORNING,
    assign,
    assigned,
    at,
    end,
    ended,
    line,
)

LAPSED = MORNING + LEASE + LEASE_GRACE
NEXT_NOON = at(7, 12)
BOTH = ("ann", "bob")


# Attempts


def test_a_line_is_called_once_a_day_whoever_of_the_household_is_asked_for() -> None:
    history = line.done(assign(), end(Disposition.CANVASSED))
    refusal = history.when(assign("next", at(6, 18), voters=(BOB,))).then_refused(NobodyDue)
    assert refusal.extra["again_at"] == at(7, 0)
    assert history.when(assign("next", at(7, 9), voters=(BOB,))).facts()


def test_the_day_is_the_voters_in_every_zone_in_doubt() -> None:
    called = at(6, 23, 30)  # 22:30 in Chicago; both of the 6th.
    history = line.given(assigned(when=called)).done(end(Disposition.CANVASSED, when=called))
    doubtful = Candidate("bob", (EASTERN, CENTRAL))
    anyhour = {"voters": (doubtful,), "hours": None}
    refusal = history.when(assign("next", at(7, 0, 30), **anyhour)).then_refused(NobodyDue)
    assert refusal.extra["again_at"] == at(7, 1)  # Midnight in Chicago.


@pytest.mark.parametrize(
    ("called", "again"),
    [
        (at(6, 10), at(7, 12)),  # Tuesday morning, Wednesday noon.
        (at(6, 18), at(7, 14)),  # Tuesday evening, 20 hours later.
        (at(6, 13), at(7, 9)),  # Tuesday afternoon, Wednesday morning.
        (at(9, 18), at(10, 14)),  # Friday evening, Saturday: the weekend is a part of its own.
        (at(10, 10), at(12, 0)),  # Saturday, Monday; from when on is a question of hours.
    ],
)
def test_between_attempts_lie_twenty_hours_and_another_part_of_another_day(called, again) -> None:
    history = line.done(assign(when=called), end(when=called))
    history.when(assign("next", again - MINUTE, hours=None)).then_refused(NobodyDue)
    assert history.when(assign("next", again, hours=None)).facts()


def test_days_later_it_is_still_another_part_of_the_day() -> None:
    history = line.done(assign(), end())
    refusal = history.when(assign("next", at(8, 10))).then_refused(NobodyDue)
    assert refusal.extra["again_at"] == at(8, 12)
    weeks_later = assign("next", at(29, 10))
    assert history.when(weeks_later).then_refused(NobodyDue).extra["again_at"] == at(29, 12)


def test_three_attempts_in_a_phone_bank_are_enough() -> None:
    history = line.done(
        assign("one", at(6, 10)),
        end(name="one", when=at(6, 10)),
        assign("two", at(7, 13)),
        end(name="two", when=at(7, 13)),
        assign("three", at(8, 18)),
    )
    (third,) = history.when(end(name="three", when=at(8, 18))).facts()
    assert third.due_at is None
    history = history.given(third)
    history.when(assign("four", at(12, 10))).then_refused(NobodyDue)
    # Another phone bank asks anew, at its own pace.
    assert history.when(assign("four", at(12, 10), bank_id="turnout")).facts()


def test_attempts_on_the_voters_other_lines_count() -> None:
    thrice = replace(ANN, tries_elsewhere=3)
    line.when(assign(voters=(thrice,))).then_refused(NobodyDue)
    this_morning = replace(ANN, tries_elsewhere=1, tried_elsewhere_at=at(6, 9))
    refusal = line.when(assign(when=at(6, 18), voters=(this_morning,))).then_refused(NobodyDue)
    assert refusal.extra["again_at"] == at(7, 12)


def test_who_was_talked_to_on_another_line_is_not_asked_again_on_this_one() -> None:
    line.when(assign(voters=(replace(ANN, done_elsewhere=True),))).then_refused(NobodyDue)


def test_who_was_promised_a_call_on_another_line_is_not_called_before() -> None:
    waiting = replace(ANN, promised_elsewhere_at=at(8, 18))
    line.when(assign(when=at(8, 13), voters=(waiting,))).then_refused(NobodyDue)


def test_a_language_learned_on_another_line_holds_on_this_one() -> None:
    line.when(assign(voters=(replace(ANN, language_elsewhere="es"),))).then_refused(LanguageNeeded)


def test_who_was_talked_to_is_not_asked_again_by_this_bank_but_may_be_by_another() -> None:
    history = line.done(assign(), end(Disposition.CANVASSED))
    history.when(assign("next", at(20, 13))).then_refused(NobodyDue)
    assert history.when(assign("next", at(20, 13), bank_id="turnout")).facts()


def test_a_language_barrier_leads_to_callers_with_that_language() -> None:
    history = line.done(assign(), end(Disposition.LANGUAGE_BARRIER, language="es"))
    history.when(assign("next", NEXT_NOON)).then_refused(LanguageNeeded)
    speaks = {"languages": frozenset({"es"})}
    assert history.when(assign("next", NEXT_NOON, **speaks)).facts()
    # It stays so when somebody who speaks it finds nobody home.
    history = history.done(assign("next", NEXT_NOON, **speaks), end(name="next", when=NEXT_NOON))
    history.when(assign("third", at(8, 18))).then_refused(LanguageNeeded)


# Promises


PROMISED_AT = at(6, 18)
PROMISED = end(Disposition.CALL_BACK, call_back_at=PROMISED_AT)


def test_a_promise_beats_gap_and_day_cap_and_is_kept_by_who_made_it() -> None:
    history = line.done(assign(), PROMISED)
    history.when(assign("next", PROMISED_AT - MINUTE)).then_refused(NobodyDue)
    assert history.when(assign("next", PROMISED_AT)).facts()
    dora = {"caller_id": "dora"}
    history.when(assign("next", PROMISED_AT, **dora)).then_refused(PromisedToAnother)
    assert history.when(assign("next", PROMISED_AT + 30 * MINUTE, **dora)).facts()


def test_a_promise_beats_the_count() -> None:
    history = line.done(assign(attempts_max=1), replace(PROMISED, attempts_max=1))
    assert history.when(assign("next", PROMISED_AT, attempts_max=1)).facts()


def test_a_promise_never_beats_the_hours() -> None:
    history = line.done(assign(), end(Disposition.CALL_BACK, call_back_at=at(6, 22)))
    history.when(assign("next", at(6, 22))).then_refused(OutsideLineHours)
    assert history.when(assign("next", at(7, 9))).facts()


def test_a_promise_never_beats_do_not_call() -> None:
    history = line.done(assign(), end(Disposition.DO_NOT_CALL, call_back_at=PROMISED_AT))
    history.when(assign("next", PROMISED_AT)).then_refused(LineLetGo)


def test_a_promise_may_come_with_any_ending() -> None:
    history = line.done(assign(), end(Disposition.CANVASSED, call_back_at=PROMISED_AT))
    assert history.when(assign("next", PROMISED_AT)).facts()


def test_a_promise_is_over_once_the_voter_was_reached_on_another_line() -> None:
    history = line.done(assign(), PROMISED)
    reached = replace(ANN, tried_elsewhere_at=at(6, 12))
    history.when(assign("next", PROMISED_AT, voters=(reached,))).then_refused(NobodyDue)


def test_no_other_bank_calls_before_a_promised_time() -> None:
    history = line.done(assign(), end(Disposition.CALL_BACK, call_back_at=at(12, 18)))
    history.when(assign("next", at(8, 13), bank_id="other")).then_refused(NobodyDue)


def test_only_who_was_promised_a_call_is_called_on_the_same_day() -> None:
    history = line.done(
        assign(voters=(ANN, BOB)),
        replace(PROMISED, voter_ids=BOTH),
        end(voter_ids=BOTH, voter_id="bob"),
    )
    facts = history.when(assign("next", PROMISED_AT, voters=(ANN, BOB))).facts()
    assert [fact.voter_id for fact in facts] == ["ann"]


# Results, late and twice


def test_a_line_is_free_when_every_voter_of_it_has_a_result() -> None:
    held = line.done(assign(voters=(ANN, BOB)), end(voter_ids=BOTH))
    carl = assign("second", at(6, 18), voters=(Candidate("carl", (EASTERN,)),))
    held.when(replace(carl, at=MORNING + 3 * MINUTE)).then_refused(LineInUse)
    free = held.done(end(voter_ids=BOTH, voter_id="bob"))
    free.when(ExtendAssignment("first", "casper", MORNING)).then_refused(AssignmentClosed)


def test_a_repeated_result_changes_nothing() -> None:
    line.done(assign(), end()).when(end()).then()
    line.done(assign(), PROMISED).when(PROMISED).then()


def test_a_result_after_the_lease_ran_out_counts() -> None:
    line.done(assign(), ExpireAssignment("first", LAPSED)).when(end(at=LAPSED)).then(
        ended(Disposition.NOT_HOME, NEXT_NOON)
    )


def test_a_late_result_takes_the_line_off_the_next_callers_screen() -> None:
    again = line.done(assign(), assign("second", LAPSED, caller_id="dora"))
    late = end(at=LAPSED + MINUTE)
    again.when(late).then(
        ended(Disposition.NOT_HOME, NEXT_NOON),
        AssignmentWithdrawn(
            campaign_id=CAMPAIGN,
            line_id=LINE_ID,
            assignment_id="second",
            bank_id="bank",
            caller_id="dora",
            voter_ids=("ann",),
            reason="taken",
            withdrawn_at=LAPSED + MINUTE,
        ),
    )
    # The second caller had dialed as well: that call counts too.
    both = again.done(late).done(end(name="second", when=LAPSED + 2 * MINUTE, caller_id="dora"))
    assert len([fact for fact in both.facts if isinstance(fact, AttemptEnded)]) == 2


def test_of_two_results_for_one_attempt_the_later_call_counts() -> None:
    once = line.done(assign(), end())
    earlier = end(Disposition.REFUSED, when=MORNING + MINUTE, call_id="another phone")
    once.when(earlier).then()
    assert once.when(replace(earlier, ended_at=MORNING + 5 * MINUTE)).facts()


# Corrections


def test_a_slip_on_deceased_is_undone() -> None:
    history = line.done(assign(), end(Disposition.DECEASED))
    history.when(end()).then(
        ended(Disposition.NOT_HOME, NEXT_NOON),
        LineRestored(
            campaign_id=CAMPAIGN,
            line_id=LINE_ID,
            voter_id="ann",
            voter_ids=("ann",),
            reason="deceased",
        ),
    )
    assert history.done(end()).when(assign("next", NEXT_NOON)).facts()


def test_a_slip_on_never_call_again_frees_the_line_too() -> None:
    history = line.done(assign(), end(Disposition.DO_NOT_CALL), end())
    assert history.when(assign("next", NEXT_NOON)).facts()


def test_a_wish_that_a_second_result_repeats_stays() -> None:
    history = line.done(
        assign(voters=(ANN, BOB)),
        end(Disposition.DO_NOT_CALL, voter_ids=BOTH),
        end(Disposition.DO_NOT_CALL, voter_ids=BOTH, voter_id="bob"),
        end(Disposition.NOT_HOME, voter_ids=BOTH),
    )
    history.when(assign("next", NEXT_NOON, voters=(ANN, BOB))).then_refused(LineLetGo)


def test_a_slip_on_disconnected_frees_a_retired_line() -> None:
    history = line.done(assign(), end(Disposition.DISCONNECTED, definite=True), end())
    assert history.when(assign("next", NEXT_NOON)).facts()


def test_a_correction_after_the_line_went_out_again_stands_and_so_does_the_newer_assignment() -> (
    None
):
    again = line.done(assign(), end(Disposition.BUSY), assign("second", NEXT_NOON))
    again.when(end()).then(ended(Disposition.NOT_HOME, NEXT_NOON))
    # Not so if it says that nobody should be calling there.
    facts = again.when(end(Disposition.REFUSED)).facts()
    assert [type(fact) for fact in facts] == [AttemptEnded, LineSuppressed, AssignmentWithdrawn]
