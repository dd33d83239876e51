"""A phone bank: created with rules that only narrow, opened with a script, closed for good."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from libs.events.queue import (
    PhoneBankClosed,
    PhoneBankCreated,
    PhoneBankOpened,
    PhoneBankPaused,
    ScriptPublished,
)
from libs.hours import CallingHours, DayHours, Weekday, Window, may_call
from services.queue.domain.errors import (
    Closed,
    NoSuchPhoneBank,
    NotOpened,
    PhoneBankInvalid,
    PhoneBankKnown,
    ScriptInvalid,
    ScriptMissing,
)
from services.queue.domain.phone_bank import (
    BANK,
    ClosePhoneBank,
    CreatePhoneBank,
    OpenPhoneBank,
    PausePhoneBank,
    PublishScript,
    hours_of,
)
from tests.support.spec import spec

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
    "command", [OpenPhoneBank(NOW), PausePhoneBank(), ClosePhoneBank(), PublishScript(SCRIPT)]
)
def test_a_bank_that_nobody_created_is_missing(command) -> None:
    bank.when(command).then_refused(NoSuchPhoneBank)
