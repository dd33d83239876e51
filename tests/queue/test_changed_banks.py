"""A bank whose settings change: what the rows, the policies and the pages then know of it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from libs.chassis.campaign_names import CampaignNames
from libs.events.base import Event, Recorded
from libs.events.identity import CampaignCreated
from libs.events.queue import PhoneBankChanged, PhoneBankCreated, PhoneBankOpened, ScriptPublished
from libs.events.results import CallDispositioned, Disposition
from libs.events.voters import UniverseDefined
from libs.hours import DEFAULT_HOURS, CallingHours, DateHours, DayHours, Weekday, Window
from libs.views.view import Row, View
from services.gotv.views.banks import Banks as DashboardBanks
from services.queue.domain.phone_bank import BANK, ChangePhoneBank
from services.queue.policies import END_ATTEMPT, policies
from services.queue.set_up import bank_as_form, dates_as_text, days_of, needs_of, sharing
from services.queue.views.banks import Banks
from services.queue.views.universes import Universes
from tests.queue.asking import ask_until_served
from tests.queue.house import House
from tests.queue.test_phone_bank import CREATE, SCRIPT, as_of, bank, created, opened

NOW = datetime(2026, 10, 6, 14, tzinfo=UTC)
(CREATED,) = bank.when(CREATE).facts()
CHANGED = PhoneBankChanged(
    campaign_id="campaign",
    bank_id="bank",
    name="Mornings",
    candidate="Ida B. Marlowe",
    purpose="turnout",
    hours={"days": []},
    organization_ids=("other",),
    messages_allowed=True,
    attempts_max=5,
    closes_at=NOW,
    caller_note="Be kind.",
)
OPENED = PhoneBankOpened(campaign_id="campaign", bank_id="bank")


def row_of(view: View, *facts: Event) -> Row:
    """The one row that these facts make."""
    row: Row | None = None
    for number, event in enumerate(facts, 1):
        fact = Recorded(event, str(number), "s", number, NOW, "queue.events", 0, number)
        assert list(view.keys(fact)) == [event.key]
        row = view.evolve(row, fact)
    assert row is not None
    return row


def test_the_calls_page_lists_a_bank_as_it_is_today() -> None:
    row = row_of(Banks(), CREATED, OPENED, CHANGED)
    assert (row["name"], row["candidate"], row["stage"]) == ("Mornings", "Ida B. Marlowe", "open")
    assert (row["organization_ids"], row["closes_at"]) == (["other"], NOW)
    assert (row["state"], row["universe_id"]) == ("PA", "universe")
    as_created = PhoneBankCreated.model_validate(row | {"bank_id": "bank"})
    assert as_created == BANK.fold([CREATED, CHANGED]).creation


def test_the_row_knows_when_each_script_went_live() -> None:
    scripts = [
        ScriptPublished(campaign_id="campaign", bank_id="bank", script_version=n, script=SCRIPT)
        for n in (1, 2)
    ]
    row = row_of(Banks(), CREATED, *scripts)
    assert (row["script_version"], row["published_at"]) == (2, {"1": NOW, "2": NOW})


def test_the_dashboard_follows_too() -> None:
    row = row_of(DashboardBanks(), CREATED, OPENED, CHANGED)
    assert (row["name"], row["candidate"], row["status"]) == ("Mornings", "Ida B. Marlowe", "open")
    assert (row["hours"], row["universe_id"]) == ({"days": []}, "universe")


def test_universes_and_campaigns_have_names() -> None:
    names: Sequence[tuple[View, Event]] = (
        (
            Universes(),
            UniverseDefined(campaign_id="c", universe_id="u", name="Erie", selection={}),
        ),
        (CampaignNames(), CampaignCreated(campaign_id="c", slug="c", name="Erie")),
    )
    for view, event in names:
        assert row_of(view, event)["name"] == "Erie"


@pytest.mark.real
async def test_a_policy_that_runs_for_long_follows_a_change(house: House) -> None:
    """One process's policies: three attempts at first, then one, known ten seconds later."""
    await house.import_voters({"one": ["ann"], "two": ["bob"]})
    await house.open_bank()
    handout = house.handout()
    (react,) = [
        policy.react
        for policy in policies(house.log, house.database, house.clock)
        if policy.name == END_ATTEMPT
    ]

    async def called(name: str) -> str:
        shown = await ask_until_served(house, handout, name)
        assigned = shown.assigned
        event = CallDispositioned(
            campaign_id=assigned.campaign_id,
            voter_id=assigned.voter_id,
            voter_ids=assigned.voter_ids,
            call_id=f"call of {name}",
            assignment_id=assigned.assignment_id,
            bank_id="bank",
            line_id=assigned.line_id,
            caller_id=name,
            organization_id=None,
            script_version=1,
            disposition=Disposition.NOT_HOME,
            spoke_with="nobody",
            answers={},
            called_at=house.clock(),
            received_at=house.clock(),
        )
        await react(Recorded(event, f"fact of {name}", "s", 1, NOW, "results.events", 0, 1))
        await house.catch_up()
        return assigned.voter_id

    first = await called("casper")
    await house.run("bank", ChangePhoneBank({"attempts_max": 1}, house.clock()))
    house.clock.forward(seconds=11)
    second = await called("dora")
    assert (await house.row(first))["done_banks"] == []
    assert (await house.row(second))["done_banks"] == ["bank"]


# What the form shows


def test_the_week_is_within_the_usual_hours_and_a_closed_day_keeps_them_for_later() -> None:
    hours = CallingHours(
        days=(
            DayHours(day=Weekday.MONDAY, window=Window.model_validate({"opens": "10:00"})),
            DayHours(
                day=Weekday.SUNDAY,
                window=Window.model_validate({"opens": "12:00", "closes": "12:00"}),
            ),
        )
    )
    days = {day["name"]: day for day in days_of(hours)}
    assert (days["monday"]["opens"], days["monday"]["usual_opens"]) == ("10:00", "09:00")
    assert (days["tuesday"]["opens"], days["tuesday"]["closes"]) == ("09:00", "21:00")
    sunday = days["sunday"]
    assert (sunday["is_closed"], sunday["opens"], sunday["closes"]) == (True, "12:00", "21:00")
    assert [day["is_closed"] for day in days_of(DEFAULT_HOURS)] == [False] * 7


def test_single_days_are_one_a_line() -> None:
    dates = [
        DateHours.model_validate({"date": "2026-11-03", "window": {"closes": "18:00"}}),
        DateHours.model_validate({"date": "2026-11-26", "window": {"closes": "08:00"}}),
    ]
    assert dates_as_text(dates) == "2026-11-03 08:00-18:00\n2026-11-26 closed"


def test_what_is_missing_is_said_with_the_place_to_see_to_it() -> None:
    new = as_of(created)
    script, voters, hours, callers = needs_of(new, 0, [], "/campaigns/campaign")
    assert (script.is_met, script.address) == (False, "/campaigns/campaign/set-up/bank/script")
    assert (voters.is_met, hours.is_met, callers.is_met) == (False, True, True)
    closed = [
        DayHours(day=day, window=Window.model_validate({"closes": "08:00"})) for day in Weekday
    ]
    change = ChangePhoneBank(
        {
            "hours": CallingHours(days=tuple(closed)),
            "organization_ids": (),
            "messages_allowed": True,
        },
        NOW,
    )
    changed = as_of(opened.done(change))
    needs = needs_of(changed, 1_234, [], "/campaigns/campaign")
    assert [need.is_met for need in needs] == [True, True, False, False, False]
    assert needs[1].words == "1,234 voters are left to call."
    assert needs_of(changed, 1, [{"_id": "dvc"}], "")[3].words == "1 organization may call."


def test_other_banks_over_the_same_universe_are_named() -> None:
    one = BANK.fold([CREATED])
    other = BANK.fold([CREATED.model_copy(update={"bank_id": "other", "name": "Weekends"})])
    apart = BANK.fold([CREATED.model_copy(update={"bank_id": "third", "universe_id": "else"})])
    assert sharing(one, [one, other, apart]) == ["Weekends"]


def test_the_form_has_every_setting_of_today() -> None:
    form = bank_as_form(BANK.fold([CREATED, CHANGED]))
    assert (form["name"], form["attempts_max"], form["caller_note"]) == ("Mornings", 5, "Be kind.")
    assert form["closes_at"] == "2026-10-06T14:00:00+00:00"
    assert form["stage_label"] == "Not open yet"
