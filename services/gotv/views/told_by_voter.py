"""What results tell of a voter: the history of calls, and the answers that stand. Pure.

A voter's results come in one order, so a result that no longer counts is found where it was put. A
correction has its call's own id and time, and was received later than what it takes back.
"""

from typing import Any

from libs.events.results import CallDispositioned, CallSuperseded
from libs.views.view import Row

HISTORY_MAX = 50
_SUPPORT_FIELDS = ("support_level", "support_at", "support_call_id")


def empty() -> Row:
    """The parts of a row that results tell, before the first."""
    return {"history": [], "answers": [], "attempts": 0, "volunteer": None}


def tell(row: Row, result: CallDispositioned) -> None:
    """A result counts from now on."""
    row["attempts"] += 1
    told = {
        "call_id": result.call_id,
        "bank_id": result.bank_id,
        "caller_id": result.caller_id,
        "disposition": result.disposition.value,
        "spoke_with": result.spoke_with,
        "support": result.support,
        "called_at": result.called_at,
        "received_at": result.received_at,
        "counts": True,
    }
    row["history"] = sorted([*row["history"], told], key=_when, reverse=True)[:HISTORY_MAX]
    if _answers(result):
        answer = {
            "call_id": result.call_id,
            "called_at": result.called_at,
            "received_at": result.received_at,
            "support": result.support,
            "volunteer": result.volunteer,
        }
        row["answers"] = sorted([*row["answers"], answer], key=_when, reverse=True)


def take_back(row: Row, result: CallSuperseded) -> None:
    """A result no longer counts; it stays in the history."""
    row["attempts"] -= 1
    told = _earliest([each for each in row["history"] if each["counts"]], result.call_id)
    if told is not None:
        told["counts"] = False
    if _answers(result):
        gone = _earliest(row["answers"], result.call_id)
        row["answers"] = [answer for answer in row["answers"] if answer is not gone]


def derive_answers(row: Row) -> None:
    """Set what the latest answers that stand say.

    `support_level`, `support_at` and `support_call_id` are missing where none does, `volunteer` is
    None.
    """
    support = next((each for each in row["answers"] if each["support"] is not None), None)
    for name in _SUPPORT_FIELDS:
        row.pop(name, None)
    if support is not None:
        told = (support["support"], support["called_at"], support["call_id"])
        row |= dict(zip(_SUPPORT_FIELDS, told, strict=True))
    offer = next((each for each in row["answers"] if each["volunteer"] is not None), None)
    row["volunteer"] = offer and {
        "says": offer["volunteer"],
        "answered_at": offer["called_at"],
    }


def _answers(result: CallDispositioned | CallSuperseded) -> bool:
    return result.support is not None or result.volunteer is not None


def _earliest(standing: list[Row], call_id: str) -> Row | None:
    """Of what a call told and still stands, what was received first."""
    of_call = [each for each in standing if each["call_id"] == call_id]
    return min(of_call, key=lambda each: each["received_at"], default=None)


def _when(told: Row) -> tuple[Any, ...]:
    return told["called_at"], told["call_id"], told["received_at"]
