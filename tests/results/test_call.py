"""One call: what is recorded of results that come once, twice, in parts, late and differently."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from libs.events.results import (
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
from services.results.domain.call import CALL
from services.results.domain.call_commands import RecordCall, Result
from services.results.domain.call_state import Call, Promise
from tests.results.moments import at
from tests.support.spec import spec

NOT_HOME = Result("ann", Disposition.NOT_HOME, "nobody")
REFUSED = Result("ann", Disposition.REFUSED, "voter")
BOB_FOR_US = Result(
    "bob", Disposition.CANVASSED, "voter", answers={"support": "2"}, support=2, volunteer=True
)

call = spec(CALL)


def record(*results: Result, called: datetime | None = None, **changed: Any) -> RecordCall:
    told: dict[str, Any] = {
        "campaign_id": "c1",
        "bank_id": "b1",
        "assignment_id": "a1",
        "line_id": "l1",
        "caller_id": "casper",
        "organization_id": "o1",
        "script_version": 3,
        "voter_ids": ("ann", "bob"),
        "call_id": "call",
        "other_call_id": "other",
        "results": results,
        "called_at": called or at(),
        "received_at": called or at(),
    }
    return RecordCall(**(told | changed))


def fact_of(result: Result, *, called: datetime | None = None, **changed: Any) -> CallDispositioned:
    told = {
        "campaign_id": "c1",
        "voter_id": result.voter_id,
        "voter_ids": ("ann", "bob"),
        "call_id": "call",
        "assignment_id": "a1",
        "bank_id": "b1",
        "line_id": "l1",
        "caller_id": "casper",
        "organization_id": "o1",
        "script_version": 3,
        "disposition": result.disposition,
        "spoke_with": result.spoke_with,
        "answers": dict(result.answers),
        "support": result.support,
        "volunteer": result.volunteer,
        "called_at": called or at(),
        "received_at": called or at(),
    }
    return CallDispositioned.model_validate(told | changed)


def superseded(fact: CallDispositioned, by: str) -> CallSuperseded:
    return CallSuperseded.model_validate(fact.model_dump() | {"by_call_id": by})


OFFER = VolunteerOffered(
    campaign_id="c1",
    voter_id="bob",
    call_id="call",
    bank_id="b1",
    caller_id="casper",
    organization_id="o1",
    offered_at=at(),
)


def test_every_voter_of_the_household_gets_a_result() -> None:
    call.when(record(NOT_HOME, BOB_FOR_US)).then(fact_of(NOT_HOME), fact_of(BOB_FOR_US), OFFER)


def test_saying_it_twice_changes_nothing() -> None:
    call.done(record(NOT_HOME, BOB_FOR_US)).when(record(NOT_HOME, BOB_FOR_US)).then()


def test_saying_it_again_later_changes_nothing_either() -> None:
    call.done(record(NOT_HOME)).when(record(NOT_HOME, called=at(5))).then()


def test_the_second_voter_may_come_in_a_later_request() -> None:
    call.done(record(NOT_HOME)).when(record(BOB_FOR_US, called=at(2))).then(
        fact_of(BOB_FOR_US, called=at(2)), OFFER.model_copy(update={"offered_at": at(2)})
    )


def test_a_call_is_complete_when_every_voter_has_a_result() -> None:
    half = CALL.fold(CALL.decide(Call(), record(NOT_HOME)))
    whole = CALL.fold(CALL.decide(half, record(BOB_FOR_US)), half)
    assert not half.is_complete(("ann", "bob"))
    assert whole.is_complete(("ann", "bob"))


def test_of_two_results_the_later_call_time_counts_and_both_stay() -> None:
    call.done(record(NOT_HOME)).when(record(REFUSED, called=at(1))).then(
        fact_of(REFUSED, called=at(1), call_id="other"),
        superseded(fact_of(NOT_HOME), by="other"),
    )


def test_a_result_that_arrives_late_does_not_count_over_a_later_call() -> None:
    call.done(record(REFUSED, called=at(9))).when(record(NOT_HOME, called=at(1))).then(
        fact_of(NOT_HOME, called=at(1), call_id="other"),
        superseded(fact_of(NOT_HOME, called=at(1), call_id="other"), by="call"),
    )


def test_what_did_not_count_is_not_what_the_next_result_is_held_against() -> None:
    late = record(NOT_HOME, called=at(1))
    call.done(record(REFUSED, called=at(9)), late).when(record(REFUSED, called=at(9))).then()


def test_taking_a_second_result_back_is_a_third() -> None:
    again = record(NOT_HOME, called=at(2), other_call_id="third")
    call.done(record(NOT_HOME), record(REFUSED, called=at(1))).when(again).then(
        fact_of(NOT_HOME, called=at(2), call_id="third"),
        superseded(fact_of(REFUSED, called=at(1), call_id="other"), by="third"),
    )


def test_five_and_then_leave_me_alone_are_both_kept() -> None:
    both = Result("ann", Disposition.REFUSED, "voter", answers={"support": "5"}, support=5)
    (fact,) = call.when(record(both)).facts()
    assert (fact.disposition, fact.support) == (Disposition.REFUSED, 5)


def test_a_note_that_comes_after_the_result_is_added_to_it() -> None:
    noted = Result("ann", Disposition.NOT_HOME, "nobody", note_deposit_ids=("d1",))
    note = NoteLeft(
        campaign_id="c1",
        voter_id="ann",
        call_id="call",
        bank_id="b1",
        caller_id="casper",
        deposit_id="d1",
    )
    call.done(record(NOT_HOME)).when(record(noted)).then(note)
    call.done(record(NOT_HOME), record(noted)).when(record(noted)).then()


def test_hearsay_is_a_fact_beside_the_result() -> None:
    heard = Result("ann", Disposition.NOT_HOME, "other_voter", hearsay_deposit_ids=("d2",))
    call.when(record(heard)).then(
        fact_of(heard),
        HearsayRecorded(
            campaign_id="c1",
            voter_id="ann",
            call_id="call",
            bank_id="b1",
            caller_id="casper",
            deposit_id="d2",
            heard_at=at(),
        ),
    )


def test_a_promise_goes_with_any_disposition_and_is_made_once() -> None:
    promised = Result("ann", Disposition.NOT_HOME, "nobody", promise=Promise(at(60), "n1", "q1"))
    call.when(record(promised)).then(
        fact_of(promised, call_back_at=at(60)),
        PromiseMade(
            campaign_id="c1",
            voter_id="ann",
            line_id="l1",
            call_id="call",
            bank_id="b1",
            caller_id="casper",
            call_at=at(60),
            number_deposit_id="n1",
            question_deposit_id="q1",
        ),
    )
    call.done(record(promised)).when(record(promised, called=at(3))).then()


def test_of_two_results_the_promise_and_the_offer_of_the_one_that_counts_stand() -> None:
    offered = Result(
        "ann", Disposition.CANVASSED, "voter", volunteer=True, promise=Promise(at(60), "n1")
    )
    later = call.done(record(offered)).when(record(REFUSED, called=at(1))).facts()
    promise, offer = later[2:]
    assert isinstance(promise, PromiseTakenBack)
    assert isinstance(offer, VolunteerOfferTakenBack)
    assert promise.call_id == offer.call_id == "call"
    again = replace(offered, promise=Promise(at(90), "n1"))
    moved = call.done(record(offered)).when(record(again, called=at(1))).facts()[2:]
    assert [(type(fact), fact.call_id) for fact in moved] == [
        (PromiseTakenBack, "call"),
        (PromiseMade, "other"),
    ]
    late = call.done(record(REFUSED, called=at(9))).when(record(offered, called=at(1))).facts()
    assert [type(fact) for fact in late] == [CallDispositioned, CallSuperseded]


def test_a_phone_that_sends_a_result_again_does_not_bring_it_back() -> None:
    first, second = record(NOT_HOME), record(REFUSED, called=at(1), other_call_id="second")
    call.done(first, second).when(record(NOT_HOME, other_call_id="third")).then()
