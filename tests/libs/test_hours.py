"""Calling hours by the voter's clock: windows, doubt, days, dates, last minutes, summer time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from libs.hours import (
    CLOSED,
    DEFAULT_HOURS,
    CallingHours,
    DateHours,
    DayHours,
    Weekday,
    Window,
    closes_at,
    may_call,
    may_show,
    narrow,
    next_opening,
)

EASTERN = "America/New_York"
CENTRAL = "America/Chicago"
PACIFIC = "America/Los_Angeles"
ARIZONA = "America/Phoenix"
HONOLULU = "Pacific/Honolulu"

MONDAY = date(2026, 10, 5)
SUNDAY = date(2026, 10, 4)


def at(day: date, clock: str, zone: str = EASTERN) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone))


def hours(opens: str, closes: str, *days: Weekday, minutes: int = 5) -> CallingHours:
    window = Window(opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))
    return CallingHours(
        days=tuple(DayHours(day=day, window=window) for day in days or Weekday),
        last_hand_out_minutes=minutes,
    )


def on(day: date, window: Window) -> CallingHours:
    return CallingHours(dates=(DateHours(date=day, window=window),))


@pytest.mark.parametrize(
    ("day", "clock", "zones", "allowed"),
    [
        (MONDAY, "08:59", [EASTERN], False),
        (MONDAY, "09:00", [EASTERN], True),
        (MONDAY, "20:54", [EASTERN], True),
        (MONDAY, "20:55", [EASTERN], False),
        (MONDAY, "21:00", [EASTERN], False),
        (SUNDAY, "11:59", [EASTERN], False),
        (SUNDAY, "12:00", [EASTERN], True),
        # In doubt between two zones, both must allow it.
        (MONDAY, "09:30", [EASTERN, CENTRAL], False),
        (MONDAY, "10:00", [EASTERN, CENTRAL], True),
        (MONDAY, "20:56", [EASTERN, CENTRAL], False),
        (SUNDAY, "12:30", [EASTERN, CENTRAL], False),
        (MONDAY, "11:59", [EASTERN, PACIFIC], False),
        (MONDAY, "12:00", [EASTERN, PACIFIC], True),
        # Only zones further west: their own clocks count.
        (MONDAY, "23:30", [PACIFIC], True),
        (MONDAY, "09:30", [PACIFIC], False),
        (MONDAY, "12:00", [], False),
    ],
)
def test_may_call_by_default(day: date, clock: str, zones: list[str], allowed: bool) -> None:  # noqa: FBT001 - a table
    assert may_call(zones, DEFAULT_HOURS, at(day, clock)) is allowed


def test_the_day_is_the_voters_not_the_callers() -> None:
    in_berlin = datetime(2026, 10, 5, 3, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert may_call([PACIFIC], narrow(DEFAULT_HOURS, on(SUNDAY, CLOSED)), in_berlin) is False
    assert may_call([PACIFIC], DEFAULT_HOURS, in_berlin)


def test_a_number_handed_out_in_time_may_be_shown_to_the_end() -> None:
    late = at(MONDAY, "20:57")
    assert not may_call([EASTERN], DEFAULT_HOURS, late)
    assert may_show([EASTERN], DEFAULT_HOURS, late)
    assert not may_show([EASTERN], DEFAULT_HOURS, at(MONDAY, "21:00"))
    assert not may_show([], DEFAULT_HOURS, late)


@pytest.mark.parametrize(
    ("night_before", "zone", "first_utc"),
    [
        # The clock goes back on 1 November 2026 and forward on 8 March 2026, both Sundays.
        (date(2026, 10, 31), EASTERN, datetime(2026, 11, 1, 17, tzinfo=UTC)),
        (date(2026, 3, 7), EASTERN, datetime(2026, 3, 8, 16, tzinfo=UTC)),
        (date(2026, 10, 31), ARIZONA, datetime(2026, 11, 1, 19, tzinfo=UTC)),
        (date(2026, 3, 7), ARIZONA, datetime(2026, 3, 8, 19, tzinfo=UTC)),
    ],
)
def test_the_opening_after_the_clock_changes(
    night_before: date, zone: str, first_utc: datetime
) -> None:
    evening = at(night_before, "21:30", zone)
    assert next_opening([zone], DEFAULT_HOURS, evening) == first_utc
    assert first_utc.astimezone(ZoneInfo(zone)).time() == time(12)
    assert may_call([zone], DEFAULT_HOURS, first_utc)
    assert not may_call([zone], DEFAULT_HOURS, first_utc - timedelta(seconds=1))


def test_a_navajo_voter_in_doubt_is_called_when_both_clocks_allow_it() -> None:
    summer, winter = date(2026, 7, 6), date(2026, 12, 7)
    zones = ["America/Denver", ARIZONA]
    assert not may_call(zones, DEFAULT_HOURS, at(summer, "09:30", "America/Denver"))
    assert may_call(zones, DEFAULT_HOURS, at(winter, "09:30", "America/Denver"))


@pytest.mark.parametrize(
    ("rule", "clock", "allowed"),
    [
        (hours("10:00", "20:00"), "09:30", False),
        (hours("10:00", "20:00"), "10:00", True),
        (hours("10:00", "20:00"), "19:55", False),
        # Nobody widens: the default stays where a rule says more.
        (hours("08:00", "21:00"), "08:30", False),
        (on(MONDAY, CLOSED), "12:00", False),
        (on(MONDAY, Window(opens=time(8), closes=time(14))), "08:30", False),
        (on(MONDAY, Window(opens=time(8), closes=time(14))), "13:54", True),
        (on(MONDAY, Window(opens=time(8), closes=time(14))), "14:00", False),
        (hours("09:00", "21:00", minutes=30), "20:30", False),
        (hours("18:00", "20:00", Weekday.SUNDAY), "12:00", True),
    ],
)
def test_rules_narrow_the_default(rule: CallingHours, clock: str, allowed: bool) -> None:  # noqa: FBT001 - a table
    assert may_call([EASTERN], narrow(DEFAULT_HOURS, rule), at(MONDAY, clock)) is allowed


def test_windows_that_do_not_meet_leave_nothing() -> None:
    never = narrow(hours("09:00", "12:00"), hours("13:00", "18:00"))
    assert next_opening([EASTERN], never, at(MONDAY, "10:00")) is None
    assert not may_call([EASTERN], never, at(MONDAY, "12:30"))


@pytest.mark.parametrize(
    ("opens", "closes"), [("07:59", "20:00"), ("09:00", "21:01"), ("15:00", "14:00")]
)
def test_hours_beyond_the_limits_cannot_be_said(opens: str, closes: str) -> None:
    with pytest.raises(ValidationError, match="between 08:00 and 21:00"):
        hours(opens, closes)


def test_a_day_is_named_once() -> None:
    with pytest.raises(ValidationError, match="at most once"):
        CallingHours(days=2 * (DayHours(day=Weekday.MONDAY, window=CLOSED),))


def test_the_same_rules_come_back_from_json() -> None:
    rules = narrow(DEFAULT_HOURS, on(MONDAY, CLOSED), hours("10:00", "20:00", minutes=10))
    again = CallingHours.model_validate_json(rules.model_dump_json())
    assert again == rules
    assert hash(again) == hash(rules)
    assert again.last_hand_out_minutes == 10


@pytest.mark.parametrize(
    ("zones", "day", "clock", "opens", "zone"),
    [
        ([EASTERN], MONDAY, "08:00", "2026-10-05T09:00", EASTERN),
        ([EASTERN], MONDAY, "12:34", "2026-10-05T12:34", EASTERN),
        ([EASTERN], MONDAY, "20:58", "2026-10-06T09:00", EASTERN),
        ([EASTERN], date(2026, 10, 3), "21:00", "2026-10-04T12:00", EASTERN),
        ([EASTERN, CENTRAL], MONDAY, "08:00", "2026-10-05T09:00", CENTRAL),
        ([EASTERN, HONOLULU], MONDAY, "08:00", "2026-10-05T09:00", HONOLULU),
        ([CENTRAL], MONDAY, "09:30", "2026-10-05T09:00", CENTRAL),
    ],
)
def test_the_next_opening(zones: list[str], day: date, clock: str, opens: str, zone: str) -> None:
    expected = datetime.fromisoformat(opens).replace(tzinfo=ZoneInfo(zone))
    assert next_opening(zones, DEFAULT_HOURS, at(day, clock)) == expected


def test_zones_far_apart_may_have_no_common_hour() -> None:
    short = hours("09:00", "12:00")
    assert next_opening([EASTERN, HONOLULU], short, at(MONDAY, "08:00")) is None
    assert next_opening([], DEFAULT_HOURS, at(MONDAY, "08:00")) is None


def test_the_window_closes_where_the_clock_is_furthest_ahead() -> None:
    noon = at(MONDAY, "13:00")
    assert closes_at([EASTERN, PACIFIC], DEFAULT_HOURS, noon) == at(MONDAY, "21:00")
    assert closes_at([PACIFIC], DEFAULT_HOURS, noon) == at(MONDAY, "21:00", PACIFIC)
    assert closes_at([EASTERN, PACIFIC], DEFAULT_HOURS, at(MONDAY, "11:00")) is None


def test_a_time_without_a_zone_is_refused() -> None:
    naive = at(MONDAY, "12:00").replace(tzinfo=None)
    with pytest.raises(ValueError, match="with its zone"):
        may_call([EASTERN], DEFAULT_HOURS, naive)


_windows = st.tuples(st.integers(8, 21), st.integers(8, 21)).map(
    lambda ends: Window(opens=time(min(ends)), closes=time(max(ends)))
)
_rules = st.builds(
    CallingHours,
    days=st.lists(
        st.builds(DayHours, day=st.sampled_from(Weekday), window=_windows),
        unique_by=lambda entry: entry.day,
    ).map(tuple),
    last_hand_out_minutes=st.integers(0, 60),
)
_moments = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2027, 12, 31),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.just(UTC),
)
_zones = st.lists(st.sampled_from([EASTERN, CENTRAL, PACIFIC, ARIZONA, HONOLULU]), min_size=1)


@given(_zones, _rules, _rules, _moments)
def test_narrowing_allows_what_all_allow_and_nothing_else(
    zones: list[str], one: CallingHours, other: CallingHours, moment: datetime
) -> None:
    both = narrow(one, other)
    each = may_show(zones, one, moment) and may_show(zones, other, moment)
    assert may_show(zones, both, moment) is each
    assert not may_call(zones, both, moment) or may_call(zones, one, moment)


@given(_zones, _rules, _moments)
def test_the_limits_hold_and_the_next_opening_is_one(
    zones: list[str], rules: CallingHours, moment: datetime
) -> None:
    opening = next_opening(zones, rules, moment)
    if may_call(zones, rules, moment):
        assert opening == moment
        assert all(8 <= moment.astimezone(ZoneInfo(zone)).hour < 21 for zone in zones)
    if opening is not None:
        assert opening >= moment
        assert may_call(zones, rules, opening)
        assert opening == moment or not may_call(zones, rules, opening - timedelta(seconds=1))
