"""One line: one caller at a time, at the right time, with a lease, and never against a wish."""

from dataclasses import replace
from datetime import timedelta

import pytest

from libs.events.queue import (
    AssignmentExtended,
    AssignmentReleased,
    AssignmentWithdrawn,
    LineSuppressed,
)
from libs.events.results import Disposition
from services.queue.domain.errors import (
    AssignmentClosed,
    LineInUse,
    LineLetGo,
    LineRests,
    NobodyDue,
    NotYourAssignment,
    OutsideLineHours,
    OwnNumber,
    SkippedBefore,
)
from services.queue.domain.line import LEASE, LEASE_GRACE
from services.queue.domain.line_commands import (
    Candidate,
    ExpireAssignment,
    ExtendAssignment,
    ReleaseAssignment,
    RestoreLine,
    RestoreVoter,
    SuppressLine,
    SuppressVoter,
    WithdrawAssignment,
)
from tests.queue.lines import (
    ANN,
    BOB,
    CAMPAIGN,
    CENTRAL,
    DAY,
    EASTERN,
    HOUR,
    LINE_ID,
    MINUTE,
    MORNING,
    assign,
    assigned,
    at,
    end,
    expired,
    line,
)

LAPSED = MORNING + LEASE + LEASE_GRACE
NEXT_NOON = at(7, 12)
BOTH = ("ann", "bob")


# Handing out


def test_a_fresh_line_goes_to_who_asks() -> None:
    line.when(assign()).then(assigned())


def test_a_household_is_handed_out_as_one_assignment_with_a_fact_for_each_voter() -> None:
    line.when(assign(voters=(ANN, BOB))).then(
        assigned(voters=BOTH, voter="ann"), assigned(voters=BOTH, voter="bob")
    )


def test_a_line_that_somebody_holds_goes_to_nobody_else() -> None:
    held = line.done(assign())
    refusal = held.when(assign("second", MORNING + MINUTE, caller_id="dora")).then_refused(
        LineInUse
    )
    assert refusal.extra["again_at"] == LAPSED
    # Whatever the phone bank: the line rings in one house.
    held.when(assign("second", MORNING + MINUTE, bank_id="other")).then_refused(LineInUse)
    held.when(assign("second", LAPSED - timedelta(seconds=1))).then_refused(LineInUse)


def test_handing_out_over_a_lapsed_lease_says_both_in_one_decision() -> None:
    line.done(assign()).when(assign("second", LAPSED)).then(
        expired("first", LAPSED), assigned("second", LAPSED)
    )


def test_nobody_is_handed_the_own_number() -> None:
    line.when(assign(own_line_ids=frozenset({LINE_ID}))).then_refused(OwnNumber)


def test_a_voter_let_go_on_another_line_is_not_called_on_this_one() -> None:
    gone = replace(ANN, let_go=frozenset({"refused"}))
    line.when(assign(voters=(gone,))).then_refused(NobodyDue)
    line.when(assign(voters=(gone, BOB))).then(assigned(voters=("bob",), voter="bob"))


# Hours


@pytest.mark.parametrize(
    ("when", "allowed"),
    [
        (at(6, 8, 59), False),
        (at(6, 9), True),
        (at(6, 20, 54), True),
        (at(6, 20, 55), False),  # The last hand-out is five minutes before the end.
        (at(11, 11, 59), False),  # A Sunday.
        (at(11, 12), True),
    ],
)
def test_the_clock_that_counts_is_the_voters(when, allowed) -> None:
    ask = line.when(assign(when=when))
    if allowed:
        assert ask.facts()
    else:
        ask.then_refused(OutsideLineHours)


def test_a_voter_in_doubt_is_called_only_while_every_zone_allows_it() -> None:
    doubtful = Candidate("ann", (EASTERN, CENTRAL))
    ask = line.when(assign(when=at(6, 9, 30), voters=(doubtful,)))
    assert ask.then_refused(OutsideLineHours).extra["again_at"] == at(6, 10)
    assert line.when(assign(when=at(6, 10), voters=(doubtful,))).facts()


def test_a_line_is_called_only_while_the_hours_of_all_its_voters_allow_it() -> None:
    bob = Candidate("bob", (CENTRAL,))
    line.when(assign(when=at(6, 9, 30), voters=(ANN, bob))).then_refused(OutsideLineHours)


def test_nobody_without_a_known_zone_is_called() -> None:
    line.when(assign(voters=(Candidate("ann", ()),))).then_refused(OutsideLineHours)


def test_practice_shows_hours_and_does_not_enforce_them() -> None:
    fictional = replace(ANN, fictional=True)
    midnight = assign(when=at(6, 3), voters=(fictional,), practice=True, hours=None)
    assert line.when(midnight).facts()


# Leases


def test_a_heartbeat_becomes_a_fact_only_below_half_a_lease() -> None:
    held = line.done(assign())
    held.when(ExtendAssignment("first", "casper", MORNING + 4 * MINUTE)).then()
    later = MORNING + 6 * MINUTE
    held.when(ExtendAssignment("first", "casper", later)).then(
        AssignmentExtended(
            campaign_id=CAMPAIGN,
            line_id=LINE_ID,
            assignment_id="first",
            voter_ids=("ann",),
            lease_expires_at=later + LEASE,
        )
    )


def test_an_extended_lease_runs_longer() -> None:
    held = line.done(assign(), ExtendAssignment("first", "casper", MORNING + 6 * MINUTE))
    held.when(ExpireAssignment("first", LAPSED)).then()
    held.when(assign("second", LAPSED)).then_refused(LineInUse)


def test_only_the_holder_extends_and_only_what_is_open() -> None:
    held = line.done(assign())
    held.when(ExtendAssignment("first", "dora", MORNING)).then_refused(NotYourAssignment)
    held.when(ExtendAssignment("other", "casper", MORNING)).then_refused(AssignmentClosed)
    over = held.done(ExpireAssignment("first", LAPSED))
    over.when(ExtendAssignment("first", "casper", LAPSED)).then_refused(AssignmentClosed)


def test_the_clock_expires_a_lapsed_lease_after_its_grace_and_once() -> None:
    held = line.done(assign())
    held.when(ExpireAssignment("first", LAPSED - timedelta(seconds=1))).then()
    held.when(ExpireAssignment("first", LAPSED)).then(expired("first", LAPSED))
    held.done(ExpireAssignment("first", LAPSED)).when(ExpireAssignment("first", LAPSED)).then()


def test_an_expired_line_goes_out_again_at_once_for_nobody_was_called() -> None:
    over = line.done(assign(), ExpireAssignment("first", LAPSED))
    assert over.when(assign("second", LAPSED)).facts()


# Giving back


def skip(when=MORNING + MINUTE, **changes) -> ReleaseAssignment:
    return replace(ReleaseAssignment("first", "casper", "skipped", when), **changes)


def test_a_skipped_line_rests_ten_minutes_for_others_and_a_day_for_who_skipped_it() -> None:
    skipped = line.done(assign(), skip())
    again = MORNING + 11 * MINUTE
    dora = {"caller_id": "dora"}
    skipped.when(assign("second", again - MINUTE / 2, **dora)).then_refused(LineRests)
    assert skipped.when(assign("second", again, **dora)).facts()
    skipped.when(assign("second", MORNING + 23 * HOUR)).then_refused(SkippedBefore)
    assert skipped.when(assign("second", at(7, 10, 1))).facts()


def test_skipping_is_no_attempt() -> None:
    line.done(assign()).when(skip()).then(
        AssignmentReleased(
            campaign_id=CAMPAIGN,
            line_id=LINE_ID,
            assignment_id="first",
            bank_id="bank",
            caller_id="casper",
            voter_ids=("ann",),
            reason="skipped",
            released_at=MORNING + MINUTE,
            rests_until=MORNING + 11 * MINUTE,
        )
    )


def test_who_leaves_gives_the_line_to_the_next_at_once() -> None:
    left = line.done(assign(), skip(reason="left"))
    assert left.when(assign("second", MORNING + MINUTE, caller_id="dora")).facts()


def test_a_line_is_given_back_once_and_by_its_holder() -> None:
    line.done(assign(), skip()).when(skip()).then()
    line.done(assign()).when(skip(caller_id="dora")).then_refused(NotYourAssignment)


# Letting go


def test_letting_the_line_go_takes_it_off_an_open_screen_in_the_same_decision() -> None:
    ask = SuppressLine(CAMPAIGN, LINE_ID, ("ann", "bob"), "do_not_call", MORNING + MINUTE)
    facts = line.done(assign()).when(ask).facts()
    assert [type(fact) for fact in facts] == [LineSuppressed, AssignmentWithdrawn]
    assert facts[0].voter_ids == ("ann", "bob")
    assert facts[1].reason == "do_not_call"
    line.done(ask).when(assign()).then_refused(LineLetGo)
    line.done(ask).when(ask).then()


def test_a_voter_who_has_voted_is_taken_off_an_open_screen() -> None:
    ask = SuppressVoter(CAMPAIGN, LINE_ID, "ann", "voted", MORNING + MINUTE)
    facts = line.done(assign(voters=(ANN, BOB))).when(ask).facts()
    assert [type(fact) for fact in facts] == [LineSuppressed, AssignmentWithdrawn]
    (only,) = line.done(ask).when(assign(voters=(ANN, BOB))).facts()
    assert only.voter_id == "bob"
    line.done(ask).when(ask).then()


def test_letting_one_voter_go_leaves_an_assignment_without_that_voter_alone() -> None:
    ask = SuppressVoter(CAMPAIGN, LINE_ID, "bob", "voted", MORNING + MINUTE)
    facts = line.done(assign()).when(ask).facts()
    assert [type(fact) for fact in facts] == [LineSuppressed]


def test_never_call_again_takes_the_rest_of_the_household_off_the_screen() -> None:
    facts = (
        line.done(assign(voters=(ANN, BOB)))
        .when(end(Disposition.DO_NOT_CALL, voter_ids=BOTH))
        .facts()
    )
    assert isinstance(facts[-1], AssignmentWithdrawn)


def test_what_was_let_go_by_mistake_is_taken_back_reason_by_reason() -> None:
    twice = line.done(
        SuppressVoter(CAMPAIGN, LINE_ID, "ann", "refused", MORNING),
        SuppressVoter(CAMPAIGN, LINE_ID, "ann", "voted", MORNING),
        RestoreVoter(CAMPAIGN, LINE_ID, "ann", "voted"),
    )
    twice.when(assign()).then_refused(NobodyDue)
    assert twice.done(RestoreVoter(CAMPAIGN, LINE_ID, "ann", "refused")).when(assign()).facts()
    twice.when(RestoreVoter(CAMPAIGN, LINE_ID, "ann", "voted")).then()
    gone = line.done(SuppressLine(CAMPAIGN, LINE_ID, ("ann",), "retired_line", MORNING))
    back = RestoreLine(CAMPAIGN, LINE_ID, ("ann",), "retired_line")
    assert gone.done(back).when(assign()).facts()
    gone.done(back).when(back).then()


def test_an_organizer_may_take_voters_off_a_screen() -> None:
    held = line.done(assign())
    facts = held.when(WithdrawAssignment("first", "organizer", MORNING + MINUTE)).facts()
    assert [type(fact) for fact in facts] == [AssignmentWithdrawn]
    held.when(WithdrawAssignment("other", "organizer", MORNING + DAY)).then()
