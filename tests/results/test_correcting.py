"""It is okay to make mistakes: who may put a call right, until when, and what is recorded of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from libs.events.base import Event
from libs.events.results import (
    CallCorrected,
    CallDispositioned,
    CallSuperseded,
    Disposition,
    HearsayRecorded,
    NoteLeft,
    PromiseMade,
    PromiseTakenBack,
    VolunteerOffered,
    VolunteerOfferTakenBack,
)
from services.results.domain.call_commands import CorrectCall, Result
from services.results.domain.call_state import Promise
from services.results.domain.errors import (
    AnotherResultCounts,
    NoSuchCall,
    NotYoursToCorrect,
    TooLateToCorrect,
)
from tests.results.moments import at
from tests.results.test_call import BOB_FOR_US, NOT_HOME, REFUSED, call, fact_of, record, superseded

DECEASED = Result("ann", Disposition.DECEASED, "other")
SUPPORT = Result(
    "ann",
    Disposition.CANVASSED,
    "voter",
    answers={"support": "1", "issue": "roads"},
    support=1,
    volunteer=True,
    promise=Promise(at(60), "n1", "q1"),
    note_deposit_ids=("note1",),
)


def correct(result: Result, minutes: float = 1, **changed: Any) -> CorrectCall:
    """Casper says so many minutes after the call what it should have recorded."""
    told: dict[str, Any] = {
        "call_id": "call",
        "result": result,
        "corrected_by": "casper",
        "is_lead": False,
        "at": at(minutes),
    }
    return CorrectCall(**(told | changed))


def corrected(was: Result, result: Result, minutes: float = 1, **changed: Any) -> CallCorrected:
    told = {
        "campaign_id": "c1",
        "voter_id": result.voter_id,
        "call_id": "call",
        "bank_id": "b1",
        "line_id": "l1",
        "caller_id": "casper",
        "corrected_by": "casper",
        "by": "caller",
        "disposition_was": was.disposition,
        "disposition": result.disposition,
        "support_was": was.support,
        "support": result.support,
        "corrected_at": at(minutes),
    }
    return CallCorrected.model_validate(told | changed)


def gone(result: Result) -> CallSuperseded:
    return superseded(fact_of(result), by="call").model_copy(update={"line_id": "l1"})


RECORDED = call.done(record(DECEASED))


def test_a_slip_on_deceased_is_put_right_in_one_decision() -> None:
    RECORDED.when(correct(NOT_HOME)).then(
        fact_of(NOT_HOME, received_at=at(1)),
        gone(DECEASED),
        corrected(DECEASED, NOT_HOME),
    )


def test_the_call_keeps_its_id_its_time_and_who_made_it() -> None:
    (said, *_) = RECORDED.when(correct(NOT_HOME, 5)).facts()
    (was,) = RECORDED.facts
    assert isinstance(was, CallDispositioned)
    changed = {"disposition": said.disposition, "spoke_with": "nobody", "received_at": at(5)}
    assert said == was.model_copy(update=changed)


# Who may, and until when. Casper made the call, Lea leads the phone bank, Mallory does neither.

WHO = [
    # who, with a lead's permission, minutes after the result was received, as whom, or refused
    ("casper", False, 0, "caller"),
    ("casper", False, 10, "caller"),
    ("casper", False, 10.01, TooLateToCorrect),
    ("casper", True, 9, "caller"),
    ("casper", True, 11, "lead"),
    ("lea", True, 1, "lead"),
    ("lea", True, 60 * 24 * 30, "lead"),
    ("mallory", False, 1, NotYoursToCorrect),
    ("mallory", False, 11, NotYoursToCorrect),
]


@pytest.mark.parametrize(("who", "is_lead", "minutes", "outcome"), WHO)
def test_who_may_correct_and_until_when(
    who: str, is_lead: Any, minutes: float, outcome: Any
) -> None:
    ask = RECORDED.when(correct(NOT_HOME, minutes, corrected_by=who, is_lead=is_lead))
    if isinstance(outcome, str):
        fact = next(fact for fact in ask.facts() if isinstance(fact, CallCorrected))
        assert (fact.by, fact.corrected_by) == (outcome, who)
    else:
        ask.then_refused(outcome)


def test_the_ten_minutes_begin_when_the_result_was_received_and_a_correction_adds_none() -> None:
    late = call.done(record(DECEASED, called=at(-90), received_at=at()))
    late.when(correct(NOT_HOME, 10)).facts()
    twice = RECORDED.done(correct(NOT_HOME, 9))
    twice.when(correct(REFUSED, 11)).then_refused(TooLateToCorrect)


def test_a_call_that_was_not_made_or_had_no_such_voter_is_not_known() -> None:
    call.when(correct(NOT_HOME)).then_refused(NoSuchCall)
    RECORDED.when(correct(BOB_FOR_US)).then_refused(NoSuchCall)
    RECORDED.when(correct(NOT_HOME, call_id="other")).then_refused(NoSuchCall)


def test_what_another_result_replaced_is_not_put_right_in_its_place() -> None:
    two = call.done(record(DECEASED), record(NOT_HOME, called=at(1)))
    refusal = two.when(correct(REFUSED, 2)).then_refused(AnotherResultCounts)
    assert refusal.extra["call_id"] == "other"
    assert two.when(correct(REFUSED, 2, call_id="other")).facts()


# Repeats


def test_a_correction_that_says_what_is_recorded_changes_nothing() -> None:
    RECORDED.when(correct(DECEASED)).then()
    fixed = RECORDED.done(correct(NOT_HOME))
    fixed.when(correct(NOT_HOME, 2)).then()
    whole = call.done(record(SUPPORT))
    whole.when(correct(SUPPORT)).then()


def test_what_the_phone_sends_again_after_a_correction_does_not_undo_it() -> None:
    fixed = RECORDED.done(correct(NOT_HOME))
    fixed.when(record(DECEASED, received_at=at(30))).then()


def test_a_later_call_for_the_same_attempt_counts_over_a_correction() -> None:
    fixed = RECORDED.done(correct(NOT_HOME))
    facts = fixed.when(record(REFUSED, called=at(2))).facts()
    assert [type(fact) for fact in facts] == [CallDispositioned, CallSuperseded]
    assert facts[1].disposition is Disposition.NOT_HOME


def test_corrections_of_one_moment_still_come_one_after_the_other() -> None:
    fixed = RECORDED.done(correct(NOT_HOME, 1))
    (said, *_) = fixed.when(correct(REFUSED, 1)).facts()
    assert said.received_at == at(1) + timedelta(milliseconds=1)
    assert fixed.done(correct(REFUSED, 1)).when(correct(NOT_HOME, 2)).facts()


# What came with the result


def beside(facts: list[Event]) -> list[Event]:
    """What follows beside the three facts of a correction."""
    kinds = [type(fact) for fact in facts[:3]]
    assert kinds == [CallDispositioned, CallSuperseded, CallCorrected]
    return facts[3:]


def test_a_yes_to_helping_and_a_promise_are_taken_back() -> None:
    whole = call.done(record(SUPPORT))
    promise, offer = beside(whole.when(correct(NOT_HOME)).facts())
    assert isinstance(promise, PromiseTakenBack)
    assert isinstance(offer, VolunteerOfferTakenBack)
    assert (promise.call_id, promise.call_at) == ("call", at(60))
    assert (offer.call_id, offer.offered_at) == ("call", at())
    again = beside(whole.done(correct(NOT_HOME)).when(correct(SUPPORT, 2)).facts())
    assert [type(fact) for fact in again] == [PromiseMade, VolunteerOffered]


CHANGES: list[tuple[dict[str, Any], list[type]]] = [
    ({"support": 2, "answers": {"support": "2"}}, []),
    ({"promise": Promise(at(90), "n1", "q1")}, [PromiseMade]),
    ({"promise": Promise(at(60), "n2", "q1")}, [PromiseMade]),
    ({"promise": None}, [PromiseTakenBack]),
    ({"volunteer": False}, [VolunteerOfferTakenBack]),
    ({"note_deposit_ids": ()}, []),
    ({"note_deposit_ids": ("note2",)}, [NoteLeft]),
    ({"language": "spanish"}, []),
    ({"disposition": Disposition.REFUSED}, []),
]


@pytest.mark.parametrize(("changed", "follows"), CHANGES, ids=lambda each: str(each)[:30])
def test_each_part_of_a_result_can_be_corrected_by_itself(
    changed: dict[str, Any], follows: list[type]
) -> None:
    ask = call.done(record(SUPPORT)).when(correct(replace(SUPPORT, **changed)))
    assert [type(fact) for fact in beside(ask.facts())] == follows


def test_hearsay_that_nobody_said_is_taken_back_and_may_come_again() -> None:
    heard = replace(NOT_HOME, spoke_with="other_voter", hearsay_deposit_ids=("h1",))
    without = replace(heard, hearsay_deposit_ids=())
    spoken = call.done(record(heard))
    fact = spoken.when(correct(without)).facts()[2]
    assert (fact.hearsay_deposit_ids, fact.hearsay_taken_back) == ((), ("h1",))
    back = spoken.done(correct(without)).when(correct(heard, 2)).facts()
    # The words lie in the vault already: the correction names them, and nothing is recorded anew.
    assert beside(back) == []
    assert (back[2].hearsay_deposit_ids, back[2].hearsay_taken_back) == (("h1",), ())
    kept = spoken.when(correct(replace(heard, disposition=Disposition.BUSY))).facts()[2]
    assert (kept.hearsay_deposit_ids, kept.hearsay_taken_back) == (("h1",), ())
    other = replace(heard, hearsay_deposit_ids=("h2",))
    facts = spoken.when(correct(other)).facts()
    assert [type(fact) for fact in beside(facts)] == [HearsayRecorded]
    assert (facts[2].hearsay_deposit_ids, facts[2].hearsay_taken_back) == (("h2",), ("h1",))


def test_one_voter_is_corrected_and_the_household_stays_as_it_was() -> None:
    both = call.done(record(DECEASED, BOB_FOR_US))
    assert {fact.voter_id for fact in both.when(correct(NOT_HOME)).facts()} == {"ann"}
