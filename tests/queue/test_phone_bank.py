"""A phone bank: created with rules that only narrow, opened with a script, closed for good."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, cast

import pytest

from libs.events.queue import (
    PhoneBankChanged,
    PhoneBankClosed,
    PhoneBankCreated,
    PhoneBankOpened,
    PhoneBankPaused,
    ScriptPublished,
    ShownDisposition,
)
from libs.events.results import Disposition
from libs.hours import CallingHours, DayHours, Weekday, Window, may_call
from services.queue.domain.bank_settings import BankChanges, Wording
from services.queue.domain.errors import (
    Closed,
    NoSuchPhoneBank,
    NotOpened,
    PhoneBankInvalid,
    PhoneBankKnown,
    ScriptInvalid,
    ScriptMissing,
    ScriptMoved,
)
from services.queue.domain.phone_bank import (
    BANK,
    ChangePhoneBank,
    ClosePhoneBank,
    CreatePhoneBank,
    OpenPhoneBank,
    PausePhoneBank,
    PhoneBank,
    PublishScript,
    hours_of,
)
from tests.support.spec import Spec, spec

NOW = datetime(2026, 10, 6, 14, tzinfo=UTC)
SCRIPT = {
    "blocks": [{"id": "hello", "kind": "text", "text": "Hello {voter.first_name}!"}],
    "thanks": "Thank you!",
    "paid_for_by": "Paid for by Friends of Ida Marlowe.",
}
CREATE = CreatePhoneBank(
    campaign_id="campaign",
    bank_id="bank",
    name="Evenings",
    candidate="Ida Marlowe",
    state="PA",
    purpose="identification",
    universe_id="universe",
    practice=False,
    hours=None,
    organization_ids=("dvc",),
    messages_allowed=False,
    attempts_max=3,
    closes_at=None,
    at=NOW,
)
IDS = {"campaign_id": "campaign", "bank_id": "bank"}
bank = spec(BANK)
created = bank.done(CREATE)
scripted = created.done(PublishScript(SCRIPT))
opened = scripted.done(OpenPhoneBank(NOW))


def test_an_organizer_sets_up_a_phone_bank() -> None:
    (fact,) = bank.when(CREATE).facts()
    assert isinstance(fact, PhoneBankCreated)
    assert (fact.bank_id, fact.attempts_max, fact.messages_allowed) == ("bank", 3, False)
    created.when(CREATE).then_refused(PhoneBankKnown)


def test_its_hours_narrow_the_usual_ones_and_never_widen_them() -> None:
    sunday = DayHours(day=Weekday.SUNDAY, window=Window(opens=time(8), closes=time(18)))
    (fact,) = bank.when(replace(CREATE, hours=CallingHours(days=(sunday,)))).facts()
    hours = hours_of(fact)
    sunday_at = datetime(2026, 10, 11, 4, tzinfo=UTC)  # Midnight in New York.
    zones = ("America/New_York",)
    assert not may_call(zones, hours, sunday_at + timedelta(hours=11))
    assert may_call(zones, hours, sunday_at + timedelta(hours=12))
    assert not may_call(zones, hours, sunday_at + timedelta(hours=18))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("candidate", "x" * 200),
        ("state", "Pennsylvania"),
        ("state", "pa"),
        ("attempts_max", 0),
        ("closes_at", NOW),
        ("purpose", "spam"),
    ],
)
def test_what_does_not_fit_is_named(field, value) -> None:
    refusal = bank.when(replace(CREATE, **{field: value})).then_refused(PhoneBankInvalid)
    assert refusal.detail


def test_nobody_opens_a_bank_without_a_script() -> None:
    created.when(OpenPhoneBank(NOW)).then_refused(ScriptMissing)
    scripted.when(OpenPhoneBank(NOW)).then(PhoneBankOpened(**IDS))
    opened.when(OpenPhoneBank(NOW)).then()


def test_a_paused_bank_opens_again() -> None:
    opened.when(PausePhoneBank()).then(PhoneBankPaused(**IDS))
    paused = opened.done(PausePhoneBank())
    paused.when(PausePhoneBank()).then()
    paused.when(OpenPhoneBank(NOW)).then(PhoneBankOpened(**IDS))
    scripted.when(PausePhoneBank()).then_refused(NotOpened)


def test_a_closed_bank_stays_closed() -> None:
    opened.when(ClosePhoneBank()).then(PhoneBankClosed(**IDS))
    closed = opened.done(ClosePhoneBank())
    closed.when(ClosePhoneBank()).then()
    closed.when(OpenPhoneBank(NOW)).then_refused(Closed)
    closed.when(PausePhoneBank()).then_refused(Closed)
    closed.when(PublishScript(SCRIPT)).then_refused(Closed)
    closed.when(ChangePhoneBank({"name": "Mornings"}, NOW)).then_refused(Closed)


def test_nobody_opens_a_bank_whose_end_has_come() -> None:
    ends = replace(CREATE, closes_at=NOW + timedelta(days=1))
    history = bank.done(ends, PublishScript(SCRIPT))
    assert history.when(OpenPhoneBank(NOW)).facts()
    history.when(OpenPhoneBank(NOW + timedelta(days=1))).then_refused(Closed)


def test_each_new_script_is_a_version_and_the_same_one_is_not() -> None:
    (first,) = created.when(PublishScript(SCRIPT)).facts()
    assert isinstance(first, ScriptPublished)
    assert first.script_version == 1
    scripted.when(PublishScript(SCRIPT)).then()
    (second,) = scripted.when(PublishScript(SCRIPT | {"thanks": "Thanks!"})).facts()
    assert second.script_version == 2
    created.when(PublishScript({})).then_refused(ScriptInvalid)


@pytest.mark.parametrize(
    "command",
    [
        OpenPhoneBank(NOW),
        PausePhoneBank(),
        ClosePhoneBank(),
        PublishScript(SCRIPT),
        ChangePhoneBank({"name": "Mornings"}, NOW),
    ],
)
def test_a_bank_that_nobody_created_is_missing(command) -> None:
    bank.when(command).then_refused(NoSuchPhoneBank)


# Settings


def change(**changes: Any) -> ChangePhoneBank:
    return ChangePhoneBank(cast("BankChanges", changes), NOW)


def as_of(history: Spec) -> PhoneBank:
    """The bank after all that happened."""
    state: PhoneBank = history.decider.fold(history.facts)
    return state


def test_what_is_changed_holds_from_now_on_and_the_rest_stays() -> None:
    (fact,) = opened.when(change(name=" Mornings ", attempts_max=5)).facts()
    assert isinstance(fact, PhoneBankChanged)
    assert (fact.name, fact.attempts_max, fact.candidate) == ("Mornings", 5, "Ida Marlowe")
    assert fact.organization_ids == ("dvc",)
    later = opened.given(fact)
    today = as_of(later)
    assert (today.stage, today.creation.name, today.creation.attempts_max) == (
        "open",
        "Mornings",
        5,
    )
    assert today.creation.universe_id == "universe"
    (again,) = later.when(change(attempts_max=2)).facts()
    assert (again.name, again.attempts_max) == ("Mornings", 2)


def test_saying_what_is_so_already_changes_nothing() -> None:
    opened.when(change()).then()
    opened.when(change(name="Evenings", attempts_max=3, hours=None)).then()
    once = opened.done(change(caller_note="Be kind.", message_words="Hello."))
    once.when(change(caller_note=" Be kind. ", message_words="Hello.")).then()


def test_changed_hours_narrow_the_usual_ones_too() -> None:
    monday = DayHours(day=Weekday.MONDAY, window=Window(opens=time(8), closes=time(12)))
    (fact,) = opened.when(change(hours=CallingHours(days=(monday,)))).facts()
    hours = hours_of(as_of(opened.given(fact)).creation)
    assert hours.window_on(datetime(2026, 10, 12, tzinfo=UTC).date()) == Window(
        opens=time(9), closes=time(12)
    )
    assert hours.window_on(datetime(2026, 10, 13, tzinfo=UTC).date()).closes == time(21)


def test_an_end_is_set_moved_and_taken_back_and_never_lies_behind() -> None:
    soon = NOW + timedelta(days=1)
    (fact,) = opened.when(change(closes_at=soon)).facts()
    assert fact.closes_at == soon
    ends = opened.given(fact)
    (fact,) = ends.when(change(closes_at=None)).facts()
    assert fact.closes_at is None
    opened.when(change(closes_at=NOW)).then_refused(PhoneBankInvalid)
    # An end that is past by now is no reason to refuse another change.
    late = ChangePhoneBank({"name": "Mornings", "closes_at": soon}, soon + timedelta(hours=1))
    (fact,) = ends.when(late).facts()
    assert (fact.name, fact.closes_at) == ("Mornings", soon)


def shown(value: Disposition, place="first", **words: str) -> ShownDisposition:
    return ShownDisposition(value=value, place=place, **words)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": " "}, "name: give 1"),
        ({"candidate": "x" * 121}, "candidate: give 1"),
        ({"attempts_max": 11}, "attempts_max: give 1"),
        ({"caller_note": "x" * 2_001}, "caller_note: give 2000"),
        ({"message_words": "x" * 2_001}, "message_words: give 2000"),
        ({"purpose": "spam"}, "registration"),
        ({"dispositions": (shown(Disposition.BUSY),) * 2}, "name each one once"),
        ({"dispositions": (shown(Disposition.BUSY, "more"),)}, "show 1 to 7 at once"),
        (
            {"dispositions": tuple(shown(each) for each in list(Disposition)[:8])},
            "show 1 to 7 at once",
        ),
        ({"dispositions": (shown(Disposition.UNREACHABLE),)}, "not for callers"),
        (
            {"dispositions": (shown(Disposition.BUSY), shown(Disposition.REFUSED, "hidden"))},
            "cannot be hidden",
        ),
        ({"dispositions": (shown(Disposition.BUSY, label="x" * 41),)}, "a label of 40"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(changes, said) -> None:
    refusal = opened.when(change(**changes)).then_refused(PhoneBankInvalid)
    assert said in str(refusal)


def test_a_bank_like_another_has_its_words_and_its_script_from_the_beginning() -> None:
    wording = Wording("Hello.", "Be kind.", (shown(Disposition.BUSY, label="Engaged"),))
    facts = bank.when(replace(CREATE, wording=wording, script=SCRIPT)).facts()
    assert [type(fact) for fact in facts] == [PhoneBankCreated, PhoneBankChanged, ScriptPublished]
    clone = BANK.fold(facts)
    assert clone.wording == wording
    assert clone.creation == facts[0]
    assert len(clone.scripts) == 1
    bank.given(*facts).when(OpenPhoneBank(NOW)).then(PhoneBankOpened(**IDS))
    bank.when(replace(CREATE, script={})).then_refused(ScriptInvalid)


def test_an_older_form_of_the_same_script_is_no_new_version() -> None:
    older = ScriptPublished(**IDS, script_version=1, script=SCRIPT)
    created.given(older).when(PublishScript(SCRIPT)).then()


def test_a_script_made_from_an_older_version_does_not_pass_over_a_newer_one() -> None:
    newer = scripted.done(PublishScript(SCRIPT | {"thanks": "Thanks!"}, after=1))
    mine = SCRIPT | {"thanks": "Many thanks!"}
    newer.when(PublishScript(mine, after=1)).then_refused(ScriptMoved)
    (fact,) = newer.when(PublishScript(mine, after=2)).facts()
    assert fact.script_version == 3
    # Saying once more what is live is no quarrel.
    newer.when(PublishScript(SCRIPT | {"thanks": "Thanks!"}, after=1)).then()
