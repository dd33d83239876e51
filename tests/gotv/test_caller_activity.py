"""Who is calling: few rows however many callers, the same in every order, and who is let go."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.database import Database, as_bson
from libs.events.queue import VoterAssigned
from libs.views.buckets import BUCKETS
from libs.views.fold import ENVELOPE
from services.gotv.views.caller_activity import KEPT, CallerActivity, read_active
from tests.gotv.opened import Folding
from tests.gotv.test_rare_views import assigned, only_row
from tests.results.facts import fold_all, recorded
from tests.results.moments import at

# In one bucket.
CASPER, EMMA = "casper", "emma"
KEPT_MINUTES = KEPT // timedelta(minutes=1)


def taken(caller_id: str, minutes: float, **changed: Any) -> VoterAssigned:
    voter_id = changed.pop("voter_id", f"v{minutes}")
    return assigned(voter_id, caller_id=caller_id, assigned_at=at(minutes), **changed)


def rows(facts: Sequence[VoterAssigned]) -> dict[str, Any]:
    """What the rows say."""
    return {
        row_id: {name: part for name, part in row.items() if name not in ENVELOPE}
        for row_id, row in fold_all(CallerActivity(), recorded(facts)).items()
    }


def test_the_latest_hand_out_says_for_whom_a_caller_calls() -> None:
    later = assigned(assigned_at=at(5), organization_id=None)
    row = only_row(CallerActivity(), later, assigned(), assigned(organization_id="o9"))
    assert row["last_at"] == at(5)
    assert row["callers"] == {
        CASPER: {"last_at": at(5), "organization_id": "", "voter_ids": ["ann"]}
    }


def test_many_callers_are_a_row_a_bucket_of_few() -> None:
    crowd = [taken(f"crowd-{number:012x}", number / 60) for number in range(10_000)]
    found = rows(crowd)
    assert len(found) == BUCKETS
    assert max(len(row["callers"]) for row in found.values()) < 60
    assert sum(len(row["callers"]) for row in found.values()) == 10_000


def test_a_row_does_not_grow_with_the_hand_outs() -> None:
    def size(hand_outs: int) -> int:
        evening_long = [taken(CASPER, 240 * n / hand_outs, voter_id="v") for n in range(hand_outs)]
        return len(as_bson(only_row(CallerActivity(), *evening_long)).raw)

    assert size(500) == size(2) < 600


def test_who_took_nobody_for_half_a_day_is_let_go() -> None:
    early, still = taken(CASPER, 0), taken(CASPER, 1)
    newest = taken(EMMA, KEPT_MINUTES)
    assert set(only_row(CallerActivity(), early, newest)["callers"]) == {EMMA}
    assert set(only_row(CallerActivity(), still, newest)["callers"]) == {CASPER, EMMA}
    # What comes late for somebody who was let go is as if it had come in time.
    assert rows([early, newest]) == rows([newest, early])
    assert rows([early, newest, still]) == rows([early, still, newest])
    assert only_row(CallerActivity(), newest, early)["last_at"] == newest.assigned_at


@given(
    hand_outs=st.lists(
        st.tuples(st.sampled_from((CASPER, EMMA, "dora")), st.integers(0, 40)), max_size=12
    ),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_no_order_of_hand_outs_leaves_a_trace(hand_outs: list[tuple[str, int]], data: Any) -> None:
    facts = [taken(caller_id, 60 * hours) for caller_id, hours in hand_outs]
    assert rows(facts) == rows(data.draw(st.permutations(facts)))


async def test_callers_at_work_are_counted_in_the_database(database: Database) -> None:
    folding = Folding(database)
    await folding.prepare()
    await folding.take(
        [
            taken(CASPER, -30),
            taken(CASPER, -9),
            taken(CASPER, -8, bank_id="b2"),
            taken(EMMA, -11, voter_id="old"),
            taken("$d.o.ra", -10, organization_id=None),
            taken("elsewhere", -1, bank_id="b9"),
        ]
    )
    active = await read_active(database, ["b1", "b2"], at(-10))
    assert active.callers == 2
    assert active.by_organization == {"o1": 1, "": 1}
    assert active.by_bank == {"b1": 2, "b2": 1}
    assert (await read_active(database, ["b1"], at())).callers == 0
