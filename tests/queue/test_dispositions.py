"""The table of the fourteen endings: when the voter is called again, who is let go, on what."""

from datetime import datetime
from typing import Any

import pytest

from libs.events.queue import AttemptEnded, LineSuppressed
from libs.events.results import Disposition
from services.queue.dispositions import CHOICES
from services.queue.domain.errors import LineLetGo, NobodyDue
from services.queue.domain.line_commands import Candidate
from tests.queue.lines import ANN, BOB, DAY, HOUR, MINUTE, MORNING, assign, at, end, ended, line

CALLED_AT = MORNING + 2 * MINUTE
# Called on Tuesday at 10:02: the next day's morning is the same part of the day, its noon is not.
NEXT_DAYS_NOON = at(7, 12)
TOMORROW_AT_SIX = at(7, 18)

# disposition, what else the caller said, called again, the voter is let go as, the line as
ENDINGS = [
    (Disposition.NOT_HOME, {}, NEXT_DAYS_NOON, None, None),
    (Disposition.BUSY, {}, NEXT_DAYS_NOON, None, None),
    (Disposition.WRONG_NUMBER, {}, None, "wrong_number", None),
    (Disposition.DISCONNECTED, {}, CALLED_AT + 3 * DAY, None, None),
    (Disposition.DISCONNECTED, {"definite": True}, None, None, "retired_line"),
    (Disposition.REFUSED, {}, None, "refused", None),
    (Disposition.DECEASED, {}, None, "deceased", None),
    (Disposition.CANVASSED, {}, None, None, None),
    (Disposition.LEFT_MESSAGE, {}, NEXT_DAYS_NOON, None, None),
    (Disposition.CALL_BACK, {"call_back_at": TOMORROW_AT_SIX}, TOMORROW_AT_SIX, None, None),
    (Disposition.HUNG_UP, {}, at(13, 12), None, None),
    (Disposition.DO_NOT_CALL, {}, None, "do_not_call", "do_not_call"),
    (Disposition.MOVED, {}, None, "moved", None),
    (Disposition.LANGUAGE_BARRIER, {"language": "es"}, NEXT_DAYS_NOON, None, None),
    (Disposition.UNREACHABLE, {}, at(9, 12), None, None),
]


def test_every_disposition_is_in_the_table_and_every_spoken_one_is_offered() -> None:
    assert {row[0] for row in ENDINGS} == set(Disposition)
    assert {choice.value for choice in CHOICES} == set(Disposition) - {Disposition.UNREACHABLE}
    assert [choice.value for choice in CHOICES if choice.default] == [
        Disposition.NOT_HOME,
        Disposition.BUSY,
        Disposition.WRONG_NUMBER,
        Disposition.DISCONNECTED,
        Disposition.REFUSED,
        Disposition.DECEASED,
        Disposition.CANVASSED,
    ]


@pytest.mark.parametrize(("disposition", "said", "due", "voter_as", "line_as"), ENDINGS)
def test_what_each_ending_leads_to(
    disposition: Disposition,
    said: dict[str, Any],
    due: datetime | None,
    voter_as: str | None,
    line_as: str | None,
) -> None:
    facts = line.done(assign()).when(end(disposition, **said)).facts()
    promise = {"preferred_caller_id": "casper"} if "call_back_at" in said else {}
    language = {"language": said["language"]} if "language" in said else {}
    definite = {"definite": True} if "definite" in said else {}
    assert facts[0] == ended(disposition, due, **promise, **language, **definite)
    suppressed = [fact for fact in facts[1:] if isinstance(fact, LineSuppressed)]
    assert len(suppressed) == len(facts) - 1
    assert [f.reason for f in suppressed if f.voter_id == "ann"] == ([voter_as] if voter_as else [])
    assert [f.reason for f in suppressed if f.voter_id is None] == ([line_as] if line_as else [])


@pytest.mark.parametrize(("disposition", "said", "due", "voter_as", "line_as"), ENDINGS)
def test_the_voter_is_served_again_when_due_and_not_a_minute_before(
    disposition: Disposition,
    said: dict[str, Any],
    due: datetime | None,
    voter_as: str | None,
    line_as: str | None,
) -> None:
    history = line.done(assign(), end(disposition, **said))
    speaks: dict[str, Any] = {"languages": frozenset({"es"})}
    if due is None:
        refusal = LineLetGo if line_as else NobodyDue
        history.when(assign("next", at(20, 12))).then_refused(refusal)
        return
    history.when(assign("next", due - MINUTE, **speaks)).then_refused(NobodyDue)
    assert history.when(assign("next", due, **speaks)).facts()


@pytest.mark.parametrize(
    "disposition",
    [Disposition.REFUSED, Disposition.DECEASED, Disposition.MOVED, Disposition.WRONG_NUMBER],
)
def test_one_voter_let_go_leaves_the_household_to_be_called(disposition: Disposition) -> None:
    both = ("ann", "bob")
    history = line.done(
        assign(voters=(ANN, BOB)),
        end(disposition, voter_ids=both),
        end(Disposition.NOT_HOME, voter_ids=both, voter_id="bob"),
    )
    facts = history.when(assign("next", NEXT_DAYS_NOON, voters=(ANN, BOB))).facts()
    assert [fact.voter_id for fact in facts] == ["bob"]


def test_nobody_on_the_line_is_called_again_after_never_call_again() -> None:
    both = ("ann", "bob")
    history = line.done(
        assign(voters=(ANN, BOB)),
        end(Disposition.DO_NOT_CALL, voter_ids=both),
        end(Disposition.NOT_HOME, voter_ids=both, voter_id="bob"),
    )
    history.when(assign("next", at(20, 12), voters=(ANN, BOB))).then_refused(LineLetGo)
    # An import that puts somebody new on the line changes nothing.
    new = Candidate("carl", ANN.zones)
    history.when(assign("next", at(20, 12), voters=(new,))).then_refused(LineLetGo)


def test_a_second_report_in_a_row_retires_the_line() -> None:
    later = CALLED_AT + 3 * DAY
    facts = (
        line.done(assign(), end(Disposition.DISCONNECTED), assign("check", later))
        .when(end(Disposition.DISCONNECTED, "check", later + MINUTE))
        .facts()
    )
    assert [(f.reason, f.voter_id) for f in facts[1:]] == [("retired_line", None)]


def test_one_call_is_one_report_however_many_voters_share_the_line() -> None:
    both = ("ann", "bob")
    facts = (
        line.done(assign(voters=(ANN, BOB)), end(Disposition.DISCONNECTED, voter_ids=both))
        .when(end(Disposition.DISCONNECTED, voter_ids=both, voter_id="bob"))
        .facts()
    )
    assert [type(fact) for fact in facts] == [AttemptEnded]


def test_a_suspect_line_rests_for_the_whole_household() -> None:
    history = line.done(assign(), end(Disposition.DISCONNECTED))
    fresh = assign("next", NEXT_DAYS_NOON, voters=(BOB,))
    assert history.when(fresh).then_refused(NobodyDue).extra["again_at"] == CALLED_AT + 3 * DAY


def test_a_check_that_finds_the_line_alive_clears_the_suspicion() -> None:
    check, later = CALLED_AT + 3 * DAY, CALLED_AT + 5 * DAY + 7 * HOUR
    history = line.done(
        assign(),
        end(Disposition.DISCONNECTED),
        assign("check", check),
        end(Disposition.NOT_HOME, "check", check + MINUTE),
        assign("third", later, attempts_max=5),
    )
    facts = history.when(
        end(Disposition.DISCONNECTED, "third", later + MINUTE, attempts_max=5)
    ).facts()
    assert [type(fact) for fact in facts] == [AttemptEnded]


def test_who_hangs_up_twice_is_not_called_a_third_time() -> None:
    later = CALLED_AT + 7 * DAY + 3 * HOUR
    facts = (
        line.done(assign(), end(Disposition.HUNG_UP), assign("second", later))
        .when(end(Disposition.HUNG_UP, "second", later + MINUTE))
        .facts()
    )
    assert facts[0].due_at is None


def test_an_unreachable_line_is_tried_twice_more() -> None:
    second, third = CALLED_AT + 3 * DAY + 3 * HOUR, CALLED_AT + 6 * DAY + 8 * HOUR
    again: dict[str, Any] = {"attempts_max": 9}
    history = line.done(
        assign(),
        end(Disposition.UNREACHABLE, **again),
        assign("second", second, **again),
        end(Disposition.UNREACHABLE, "second", second + MINUTE, **again),
        assign("third", third, **again),
    )
    facts = history.when(end(Disposition.UNREACHABLE, "third", third + MINUTE, **again)).facts()
    assert facts[0].due_at is None


def test_hearsay_is_no_refusal_and_suppresses_nobody() -> None:
    """Bob said that Ann will not vote for us: results records Ann as not home."""
    both = ("ann", "bob")
    history = line.done(
        assign(voters=(ANN, BOB)),
        end(Disposition.CANVASSED, voter_ids=both, voter_id="bob"),
        end(Disposition.NOT_HOME, voter_ids=both),
    )
    facts = history.when(assign("next", NEXT_DAYS_NOON, voters=(ANN, BOB))).facts()
    assert [fact.voter_id for fact in facts] == ["ann"]


def test_a_practice_bank_serves_made_up_numbers_only() -> None:
    line.when(assign(practice=True, hours=None)).then_refused(NobodyDue)
