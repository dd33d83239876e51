"""Views of rarer facts: volunteers, promises, hands; corrections included."""

from typing import Any

from libs.events.queue import (
    HandLowered,
    HandRaised,
    VoterAssigned,
)
from libs.events.results import (
    CallDispositioned,
    CallSuperseded,
    PromiseMade,
    PromiseTakenBack,
)
from services.gotv.views.promises import Promises
from services.gotv.views.raised_hands import RaisedHands
from services.gotv.views.volunteers import Volunteers
from tests.results.facts import dispositioned, fold_all, recorded
from tests.results.moments import at


def assigned(voter_id: str = "ann", **changed: Any) -> VoterAssigned:
    told: dict[str, Any] = {
        "campaign_id": "c1",
        "voter_id": voter_id,
        "voter_ids": (voter_id,),
        "line_id": f"l-{voter_id}",
        "assignment_id": "a1",
        "bank_id": "b1",
        "caller_id": "casper",
        "organization_id": "o1",
        "slot": 1,
        "script_version": 1,
        "assigned_at": at(),
        "lease_expires_at": at(10),
    }
    return VoterAssigned(**(told | changed))


def promised(minutes: float, **changed: Any) -> PromiseMade:
    told: dict[str, Any] = {
        "campaign_id": "c1",
        "voter_id": "ann",
        "line_id": "l-ann",
        "call_id": "p",
        "bank_id": "b1",
        "caller_id": "casper",
        "call_at": at(minutes),
    }
    return PromiseMade(**(told | changed))


def asked_to_help(says: str, minutes: float, call_id: str) -> CallDispositioned:
    return dispositioned(
        "ann",
        spoke_with="voter",
        volunteer=says == "yes",
        called_at=at(minutes),
        call_id=call_id,
    )


def taken_back(result: CallDispositioned) -> CallSuperseded:
    return CallSuperseded(**result.model_dump(), by_call_id=result.call_id)


def only_row(view: Any, *facts: Any) -> dict[str, Any]:
    every = recorded(facts)
    (row,) = fold_all(view, every + every).values()
    return row


def test_the_latest_answer_on_volunteering_holds() -> None:
    yes, no = asked_to_help("yes", 1, "p"), asked_to_help("no", 9, "q")
    row = only_row(Volunteers(), yes)
    assert (row["says"], row["found_at"], row["caller_id"]) == (True, at(1), "casper")
    assert not only_row(Volunteers(), no, yes)["says"]
    assert only_row(Volunteers(), yes, no, taken_back(no))["says"]


def test_a_corrected_yes_is_what_the_correction_says() -> None:
    yes = asked_to_help("yes", 1, "p")
    again = yes.model_copy(update={"disposition": "refused", "received_at": at(3)})
    row = only_row(Volunteers(), yes, again, taken_back(yes))
    assert row["says"]
    no = yes.model_copy(update={"volunteer": False})
    row = only_row(Volunteers(), yes, no, taken_back(yes))
    assert (row["says"], row["found_at"]) == (False, at(1))
    silent = yes.model_copy(update={"volunteer": None})
    row = only_row(Volunteers(), yes, silent, taken_back(yes))
    assert (row["says"], row["found_at"]) == (False, None)


def test_a_promise_of_a_call_moves_and_is_taken_back() -> None:
    assert only_row(Promises(), promised(60), promised(90))["call_at"] == at(90)
    back = PromiseTakenBack(
        **promised(60).model_dump(exclude={"number_deposit_id", "question_deposit_id"})
    )
    assert not only_row(Promises(), promised(60), back)["holds"]
    assert only_row(Promises(), promised(60), promised(90), back)["holds"]
    assert only_row(Promises(), promised(60), back, promised(90))["holds"]


def test_a_hand_is_up_until_it_is_lowered() -> None:
    told = {"campaign_id": "c1", "bank_id": "b1", "caller_id": "casper"}
    up = HandRaised(**told, organization_id=None, raised_at=at(1))
    down = HandLowered(**told, by="lead", lowered_by="lea", lowered_at=at(2))
    again = HandRaised(**told, organization_id=None, raised_at=at(3))
    assert not only_row(RaisedHands(), up, down)["is_up"]
    row = only_row(RaisedHands(), up, down, again)
    assert (row["is_up"], row["raised_at"]) == (True, at(3))
