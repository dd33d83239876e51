"""What a correction leaves of the views of gotv: what counts now, and the slip beside it."""

from datetime import timedelta
from typing import Any

import pytest

from libs.events.base import Event
from libs.events.gotv import SupporterIdentified
from libs.events.results import (
    CallDispositioned,
    CallSuperseded,
    Disposition,
    HearsayRecorded,
)
from services.gotv.views.hearsay import Hearsay
from tests.gotv.test_views import correction, status, supporter
from tests.results.facts import dispositioned, fold_all, recorded
from tests.results.moments import at

ABOUT = {"campaign_id": "c1", "call_id": "p", "bank_id": "b1", "caller_id": "casper"}


def corrected(result: CallDispositioned, minutes: float, **changed: Any) -> list[Event]:
    """What results publishes when a call is put right so many minutes after it."""
    received_at = result.called_at + timedelta(minutes=minutes)
    said = result.model_copy(update={"received_at": received_at} | changed)
    gone = CallSuperseded(**result.model_dump(), by_call_id=result.call_id)
    return [said, gone, correction(said)]


FOR_US = dispositioned(
    "ann", call_id="p", disposition="canvassed", spoke_with="voter", support=1, volunteer=True
)
UNDECIDED = FOR_US.model_copy(
    update={"call_id": "o", "called_at": at(-60), "support": 3, "volunteer": False}
)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "support": (row.get("support_level"), row.get("support_at")),
        "volunteer": row["volunteer"] and row["volunteer"]["says"],
        "attempts": row["attempts"],
        "last": row["last"]["disposition"],
        "reached": row["banks"][0]["reached"],
    }


SLIPS = [
    ({"support": 4}, {"support": (4, at())}),
    ({"support": None}, {"support": (3, at(-60))}),
    ({"volunteer": None}, {"volunteer": False}),
    ({"disposition": Disposition.REFUSED}, {"last": "refused"}),
    (
        {
            "disposition": Disposition.NOT_HOME,
            "spoke_with": "nobody",
            "support": None,
            "volunteer": None,
        },
        {"last": "not_home", "support": (3, at(-60)), "volunteer": False},
    ),
]


@pytest.mark.parametrize(("said", "differs"), SLIPS)
def test_a_correction_leaves_the_row_as_if_it_had_been_told_right_at_once(said, differs) -> None:
    before, after = status(UNDECIDED, FOR_US), status(UNDECIDED, *_put_right(FOR_US, said))
    assert shown(after) == shown(before) | differs
    told_right = status(UNDECIDED, FOR_US.model_copy(update=said))
    assert shown(after) == shown(told_right)
    # The slip stays visible: what counts first, then what it took the place of.
    assert [(told["call_id"], told["counts"]) for told in after["history"]] == [
        ("p", True),
        ("p", False),
        ("o", True),
    ]


def _put_right(slip: CallDispositioned, said: dict[str, Any]) -> list[Event]:
    return [slip, *corrected(slip, 1, **said)]


def test_who_answered_nothing_any_more_is_on_no_list() -> None:
    identified = supporter(SupporterIdentified, "ann", 1, at())
    row = status(FOR_US, identified)
    assert row["supporter"]
    # Gotv has not weighed the correction yet: nobody is listed for an answer nobody gave.
    row = status(*_put_right(FOR_US, {"support": None, "volunteer": None}), identified)
    assert (row["supporter"], "support_level" in row, row["volunteer"]) == (False, False, None)
    # Nor before the answer is here, whichever topic is first.
    assert not status(identified)["supporter"]


def test_a_call_put_right_twice_says_what_it_said_last() -> None:
    (first, *rest) = corrected(FOR_US, 1, support=5)
    assert isinstance(first, CallDispositioned)
    row = status(FOR_US, first, *rest, *corrected(first, 2, support=2))
    assert (row["support_level"], row["attempts"]) == (2, 1)
    assert [told["counts"] for told in row["history"]] == [True, False, False]


def test_hearsay_taken_back_stays_visible_as_such() -> None:
    heard = HearsayRecorded.model_validate(
        ABOUT | {"voter_id": "ann", "deposit_id": "d", "heard_at": at()}
    )
    gone = correction(dispositioned("ann", received_at=at(5)), (), ("d",))
    again = correction(dispositioned("ann", received_at=at(6)), ("d",), ())
    (row,) = fold_all(Hearsay(), recorded([heard, gone])).values()
    assert (row["taken_back_at"], row["heard_at"]) == (at(5), at())
    (row,) = fold_all(Hearsay(), recorded([heard, gone, again])).values()
    assert "taken_back_at" not in row
