"""When a voter may be called: calling hours by the voter's own clock. Pure; needs pydantic only.

Rules of several owners (a state's rule pack, the campaign, the phone bank) only ever narrow each
other: `narrow(DEFAULT_HOURS, pack, campaign, bank)`. A voter whose zone is in doubt is called only
while the clock is inside the window in every zone that is possible.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache, reduce
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

EARLIEST = time(8)
LATEST = time(21)

_HORIZON_DAYS = 400


class Weekday(StrEnum):
    """A day of the week, Monday first."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_WEEK = tuple(Weekday)


class Window(BaseModel):
    """From when until when may be called, by the voter's clock; equal ends mean not at all."""

    model_config = ConfigDict(frozen=True)

    opens: time = EARLIEST
    closes: time = LATEST

    @model_validator(mode="after")
    def _is_within_the_limits(self) -> Self:
        if self.opens.tzinfo is not None or self.closes.tzinfo is not None:
            raise ValueError("Give the hours without a zone: they are the voter's own.")
        if not EARLIEST <= self.opens <= self.closes <= LATEST:
            raise ValueError(
                f"Calling hours lie between {EARLIEST:%H:%M} and {LATEST:%H:%M} and open before "
                f"they close; {self.opens:%H:%M} to {self.closes:%H:%M} does not."
            )
        return self

    def within(self, other: "Window") -> "Window":
        """What both windows allow."""
        opens = max(self.opens, other.opens)
        return Window(opens=opens, closes=max(opens, min(self.closes, other.closes)))


ANY_HOUR = Window()
CLOSED = Window(opens=EARLIEST, closes=EARLIEST)


class DayHours(BaseModel):
    """The hours of a day of the week."""

    model_config = ConfigDict(frozen=True)

    day: Weekday
    window: Window


class DateHours(BaseModel):
    """The hours of one date (a holiday, election day); they narrow that weekday's, never widen."""

    model_config = ConfigDict(frozen=True)

    date: date
    window: Window


class CallingHours(BaseModel):
    """One owner's rules. A day or date that is not named is bound by the limits only."""

    model_config = ConfigDict(frozen=True)

    days: tuple[DayHours, ...] = ()
    dates: tuple[DateHours, ...] = ()
    last_hand_out_minutes: Annotated[int, Field(ge=0, le=120)] = 5

    @model_validator(mode="after")
    def _names_each_day_once(self) -> Self:
        days = [entry.day for entry in self.days]
        dates = [entry.date for entry in self.dates]
        if len(set(days)) < len(days) or len(set(dates)) < len(dates):
            raise ValueError("Name each day of the week and each date at most once.")
        return self

    def window_on(self, day: date) -> Window:
        """The window of a date by the voter's calendar."""
        return _window_on(self, day)


@lru_cache(maxsize=16_384)
def _window_on(rules: CallingHours, day: date) -> Window:
    weekday = _WEEK[day.weekday()]
    named = [entry.window for entry in rules.days if entry.day is weekday]
    named += [entry.window for entry in rules.dates if entry.date == day]
    return reduce(Window.within, named, ANY_HOUR)


DEFAULT_HOURS = CallingHours(
    days=tuple(
        DayHours(
            day=day,
            window=Window(opens=time(12) if day is Weekday.SUNDAY else time(9), closes=LATEST),
        )
        for day in Weekday
    )
)


def narrow(*rules: CallingHours) -> CallingHours:
    """What all of them allow. The order does not matter; no rules at all are the limits."""
    days: dict[Weekday, Window] = {}
    dates: dict[date, Window] = {}
    for rule in rules:
        for entry in rule.days:
            days[entry.day] = entry.window.within(days.get(entry.day, ANY_HOUR))
        for exception in rule.dates:
            dates[exception.date] = exception.window.within(dates.get(exception.date, ANY_HOUR))
    return CallingHours(
        days=tuple(DayHours(day=day, window=days[day]) for day in Weekday if day in days),
        dates=tuple(DateHours(date=day, window=dates[day]) for day in sorted(dates)),
        last_hand_out_minutes=max((rule.last_hand_out_minutes for rule in rules), default=5),
    )


def may_call(zones: Iterable[str], rules: CallingHours, at: datetime) -> bool:
    """Whether the voter may be handed out now: inside the window in every zone, and not in its
    last minutes (`rules.last_hand_out_minutes`). `at` is aware; no zones at all means no.
    """  # noqa: D205 - the promise is one sentence
    names = tuple(zones)
    moment = _utc(at)
    return bool(names) and all(_may_hand_out(name, rules, moment) for name in names)


def may_show(zones: Iterable[str], rules: CallingHours, at: datetime) -> bool:
    """Whether a number already handed out may still be shown: until the very end of the window."""
    return closes_at(zones, rules, at) is not None


def closes_at(zones: Iterable[str], rules: CallingHours, at: datetime) -> datetime | None:
    """When (UTC) the first of the zones closes; None while any of them is outside its window."""
    moment = _utc(at)
    ends = []
    for name in zones:
        opens, closes = _span(name, rules, _local_date(name, moment))
        if not opens <= moment < closes:
            return None
        ends.append(closes)
    return min(ends, default=None)


def next_opening(zones: Iterable[str], rules: CallingHours, at: datetime) -> datetime | None:
    """The first moment (UTC) from `at` on at which `may_call` holds: `at` itself if it does now.

    None when there is none within 400 days, as for rules that leave no hours.
    """
    names = tuple(zones)
    start = moment = _utc(at)
    while names and moment - start < timedelta(days=_HORIZON_DAYS):
        openings = [_opening(name, rules, moment) for name in names]
        known = [opening for opening in openings if opening is not None]
        if len(known) < len(openings):
            return None
        latest = max(known)
        if latest == moment:
            return moment
        moment = latest
    return None


def _may_hand_out(zone: str, rules: CallingHours, moment: datetime) -> bool:
    opens, closes = _span(zone, rules, _local_date(zone, moment))
    return opens <= moment < closes - timedelta(minutes=rules.last_hand_out_minutes)


def _opening(zone: str, rules: CallingHours, moment: datetime) -> datetime | None:
    """The first moment from `moment` on at which this zone alone allows a hand-out."""
    margin = timedelta(minutes=rules.last_hand_out_minutes)
    first = _local_date(zone, moment)
    for days in range(_HORIZON_DAYS):
        opens, closes = _span(zone, rules, first + timedelta(days=days))
        start = max(opens, moment)
        if start < closes - margin:
            return start
    return None


@lru_cache(maxsize=16_384)
def _span(zone: str, rules: CallingHours, day: date) -> tuple[datetime, datetime]:
    """The window of a local date as two moments in UTC: a day of 23 or 25 hours comes out right."""
    window = rules.window_on(day)
    clock = ZoneInfo(zone)
    opens = datetime.combine(day, window.opens, clock).astimezone(UTC)
    return opens, datetime.combine(day, window.closes, clock).astimezone(UTC)


def _local_date(zone: str, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("Give the time with its zone.")
    return at.astimezone(UTC)
