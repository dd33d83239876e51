"""Every view of gotv: the same rows in whatever order topics arrive, and as often."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.events.base import Event
from libs.events.gotv import SupporterIdentified, SupporterLost
from libs.events.queue import (
    AttemptEnded,
    LineRestored,
    LineSuppressed,
    PhoneBankOpened,
    PhoneBankPaused,
    VoterAssigned,
)
from libs.events.results import (
    CallCorrected,
    CallDispositioned,
    CallSuperseded,
    HearsayRecorded,
    VolunteerOffered,
)
from libs.events.voters import UniverseLeft, VoterChanged, VoterLineUnlinked
from services.gotv.views.bank_totals import BankTotals
from services.gotv.views.voter_status import VoterStatus
from services.gotv.worker import VIEWS
from tests.gotv.opened import bank_created, campaign_created, universe_entered, voter_imported
from tests.results.facts import dispositioned, fold_all, interleaved, recorded
from tests.results.moments import at

VOTERS = ("ann", "bob")
MOMENTS = st.integers(0, 400).map(at)
DAYS = st.integers(0, 2_000).map(at)


def ended(voter_id: str, **changed: Any) -> AttemptEnded:
    told: dict[str, Any] = {
        "campaign_id": "c1",
        "voter_id": voter_id,
        "voter_ids": (voter_id,),
        "line_id": f"l-{voter_id}",
        "assignment_id": "a1",
        "bank_id": "b1",
        "caller_id": "casper",
        "call_id": "call",
        "disposition": "not_home",
        "ended_at": at(),
        "due_at": at(60),
    }
    return AttemptEnded(**(told | changed))


def suppressed(voter_id: str | None, reason: str, line_id: str = "l-ann") -> LineSuppressed:
    return LineSuppressed.model_validate(
        {
            "campaign_id": "c1",
            "line_id": line_id,
            "voter_id": voter_id,
            "voter_ids": VOTERS,
            "reason": reason,
        }
    )


def supporter(fact: type[Event], voter_id: str, level: int, moment: datetime) -> Event:
    return fact.model_validate(
        {
            "campaign_id": "c1",
            "voter_id": voter_id,
            "level": level,
            "call_id": "call",
            "answered_at": moment,
        }
    )


_VOTER = st.sampled_from(VOTERS)
_LINE = st.sampled_from(("l-ann", "l-bob", "l-both"))
_BANK = st.sampled_from(("b1", "b2"))
_ABOUT = {"campaign_id": "c1", "call_id": "p", "bank_id": "b1", "caller_id": "casper"}


def facts_of_the_file() -> list[st.SearchStrategy[Event]]:
    """Who is on the file, with which of two lines, in which universes."""
    lines = st.lists(_LINE, max_size=2, unique=True).map(tuple)
    entered = st.sampled_from(("u1", "u2")).map(lambda u: universe_entered(*VOTERS, universe_id=u))
    filed = st.builds(voter_imported, _VOTER, line_ids=lines)
    return [
        filed,
        filed.map(lambda fact: VoterChanged(**fact.model_dump())),
        st.builds(
            lambda voter, line: VoterLineUnlinked(
                campaign_id="c1", voter_id=voter, line_id=line, call_id="p"
            ),
            _VOTER,
            _LINE,
        ),
        entered,
        entered.map(lambda fact: UniverseLeft(**fact.model_dump())),
    ]


def facts_of_the_queue() -> list[st.SearchStrategy[Event]]:
    """Two banks hand voters out, end attempts, and let lines and voters go."""
    reason = st.sampled_from(("refused", "wrong_number", "retired_line"))
    let_go = st.builds(suppressed, st.none() | _VOTER, reason, _LINE)
    attempt = st.builds(
        ended,
        _VOTER,
        bank_id=_BANK,
        line_id=_LINE,
        disposition=st.sampled_from(("not_home", "wrong_number", "refused")),
        ended_at=MOMENTS,
        due_at=st.none() | MOMENTS,
    )
    assigned = st.builds(
        VoterAssigned,
        campaign_id=st.just("c1"),
        voter_id=_VOTER,
        voter_ids=st.just(VOTERS),
        line_id=_LINE,
        assignment_id=st.just("a1"),
        bank_id=_BANK,
        # Casper and Finn are in one bucket.
        caller_id=st.sampled_from(("casper", "finn", "d.o$ra")),
        organization_id=st.none(),
        slot=st.just(1),
        script_version=st.just(1),
        assigned_at=DAYS,
        lease_expires_at=MOMENTS,
    )
    return [
        let_go,
        let_go.map(lambda fact: LineRestored(**fact.model_dump())),
        attempt,
        assigned,
        _BANK.map(lambda bank: bank_created(bank_id=bank)),
        _BANK.map(lambda bank: PhoneBankOpened(campaign_id="c1", bank_id=bank)),
        _BANK.map(lambda bank: PhoneBankPaused(campaign_id="c1", bank_id=bank)),
    ]


def correction(
    result: CallDispositioned, stand: tuple[str, ...] = (), taken_back: tuple[str, ...] = ()
) -> CallCorrected:
    return CallCorrected(
        **result.model_dump(),
        corrected_by="lea",
        by="lead",
        disposition_was="not_home",
        corrected_at=result.received_at,
        hearsay_deposit_ids=stand,
        hearsay_taken_back=taken_back,
    )


def facts_of_results() -> list[st.SearchStrategy[Event]]:
    """Calls end, some twice; voters offer help; others talk about them."""
    result = st.builds(
        dispositioned,
        _VOTER,
        voter_ids=st.just(VOTERS),
        bank_id=_BANK,
        caller_id=st.sampled_from(("casper", "dora")),
        disposition=st.sampled_from(("not_home", "refused", "canvassed", "left_message")),
        spoke_with=st.sampled_from(("voter", "nobody")),
        support=st.none() | st.integers(0, 5),
        volunteer=st.none() | st.booleans(),
        called_at=MOMENTS,
        call_id=st.sampled_from("pqrst"),
    )
    return [
        result,
        result.map(lambda fact: CallSuperseded(**fact.model_dump(), by_call_id="z")),
        result.map(lambda fact: CallSuperseded(**fact.model_dump(), by_call_id=fact.call_id)),
        st.builds(
            lambda told, stand, gone: correction(
                told,
                tuple(f"{n}-{told.voter_id}" for n in stand),
                tuple(f"{n}-{told.voter_id}" for n in gone),
            ),
            result,
            st.sets(st.integers(0, 3)),
            st.sets(st.integers(0, 3)),
        ),
        st.builds(
            lambda voter, moment: VolunteerOffered.model_validate(
                _ABOUT | {"voter_id": voter, "organization_id": None, "offered_at": moment}
            ),
            _VOTER,
            MOMENTS,
        ),
        st.builds(
            lambda voter, n: HearsayRecorded.model_validate(
                _ABOUT | {"voter_id": voter, "deposit_id": f"{n}-{voter}", "heard_at": at(n)}
            ),
            _VOTER,
            st.integers(0, 3),
        ),
    ]


def facts_of_a_campaign() -> st.SearchStrategy[list[Event]]:
    """Any facts of two voters in two banks."""
    own = st.builds(
        supporter,
        st.sampled_from((SupporterIdentified, SupporterLost)),
        _VOTER,
        st.integers(1, 2),
        MOMENTS,
    )
    kinds = [
        *facts_of_the_file(),
        *facts_of_the_queue(),
        *facts_of_results(),
        own,
        st.just(campaign_created()),
    ]
    return st.lists(st.one_of(kinds), min_size=4, max_size=25)


@pytest.mark.parametrize("view", VIEWS[:-1], ids=lambda view: view.name)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_order_of_arrival_leaves_a_trace(view, data) -> None:
    facts = recorded(data.draw(facts_of_a_campaign()))
    straight = fold_all(view, facts)
    shuffled = fold_all(view, data.draw(interleaved(facts)))
    assert {key: row | {"rev": 0} for key, row in shuffled.items()} == {
        key: row | {"rev": 0} for key, row in straight.items()
    }


def status(*facts: Event, voter_id: str = "ann") -> dict[str, Any]:
    """The row of one voter after these facts, each given twice."""
    every = recorded(facts)
    return fold_all(VoterStatus(), every + every)[f"c1/{voter_id}"]


def test_the_latest_answer_counts_and_all_are_in_the_history() -> None:
    row = status(
        dispositioned("ann", support=1, called_at=at(9), call_id="new", disposition="canvassed"),
        dispositioned("ann", support=5, called_at=at(2), call_id="old", disposition="refused"),
    )
    assert (row["support_level"], row["support_at"]) == (1, at(9))
    assert row["last"]["disposition"] == "canvassed"
    assert [told["call_id"] for told in row["history"]] == ["new", "old"]
    assert row["attempts"] == 2


def test_a_result_that_no_longer_counts_stays_visible() -> None:
    slip = dispositioned("ann", disposition="deceased", call_id="slip", called_at=at(1))
    row = status(
        slip,
        dispositioned("ann", call_id="mended", called_at=at(2)),
        CallSuperseded(**slip.model_dump(), by_call_id="mended"),
    )
    assert row["last"]["disposition"] == "not_home"
    assert row["attempts"] == 1
    assert [told["counts"] for told in row["history"]] == [True, False]


def test_history_is_bounded_by_time_of_call() -> None:
    row = status(
        *(dispositioned("ann", call_id=f"c{n:03}", called_at=at(200 - n)) for n in range(70))
    )
    assert len(row["history"]) == 50
    assert row["history"][0]["call_id"] == "c000"
    assert row["attempts"] == 70


@pytest.mark.parametrize("reason", ["refused", "deceased", "do_not_call", "moved"])
def test_what_holds_on_every_line_ends_the_calls(reason) -> None:
    filed = voter_imported("ann", line_ids=("l-ann", "l-2"))
    row = status(filed, suppressed("ann", reason))
    assert (row["callable"], row["suppressed"]) == (False, [reason])
    assert status(
        filed,
        suppressed("ann", reason),
        LineRestored(**suppressed("ann", reason).model_dump()),
    )["callable"]


def test_a_wrong_number_leaves_the_other_line() -> None:
    filed = voter_imported("ann", line_ids=("l-ann", "l-2"))
    assert status(filed, suppressed("ann", "wrong_number"))["callable"]
    assert not status(
        filed,
        suppressed("ann", "wrong_number"),
        suppressed(None, "retired_line", line_id="l-2"),
    )["callable"]


def standing(*facts: Event) -> dict[str, Any]:
    (bank,) = status(voter_imported("ann", line_ids=("l-ann", "l-2")), *facts)["banks"]
    return {name: bank[name] for name in ("due_at", "exhausted", "reached")}


def test_when_a_bank_may_call_again() -> None:
    assert standing(ended("ann")) == {"due_at": at(60), "exhausted": False, "reached": False}
    assert standing(ended("ann", due_at=None))["exhausted"]
    second_number = ended("ann", due_at=None, disposition="wrong_number")
    assert standing(second_number) == {"due_at": None, "exhausted": False, "reached": False}
    elsewhere = ended("ann", line_id="l-2", due_at=None, ended_at=at(90))
    assert standing(second_number, elsewhere)["exhausted"]
    talked = dispositioned("ann", spoke_with="voter", disposition="canvassed")
    assert standing(talked)["reached"]


def test_calls_long_before_the_newest_are_in_no_minute() -> None:
    facts = [dispositioned("ann", called_at=at(minutes)) for minutes in (0, 200, 201, 60, 100)]
    (row,) = fold_all(BankTotals(), recorded(facts)).values()
    assert sorted(row["minutes"].values()) == [1, 1, 1]
    assert row["calls"] == 5
    assert min(map(int, row["minutes"])) == int((at(100) + timedelta()).timestamp()) // 60
