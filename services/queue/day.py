"""The voter's day: which date it is, which part of it, and when another part of another day begins.

Pure, and shared by the rules and the views. A voter may live in any of several zones: whatever
would be wrong in one of them is wrong.
"""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

GAP_MIN = timedelta(hours=20)
FORTNIGHT = timedelta(days=14)
NOON = time(12)
EVENING_BEGINS = time(17)
SATURDAY = 5


class PartOfDay(StrEnum):
    """Parts between which attempts alternate, for who is out in the morning may be in at night."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    WEEKEND = "weekend"


def part_of_day(at: datetime, zone: str) -> PartOfDay:
    """The part of the day in one zone."""
    local = at.astimezone(ZoneInfo(zone))
    if local.weekday() >= SATURDAY:
        return PartOfDay.WEEKEND
    if local.time() < NOON:
        return PartOfDay.MORNING
    return PartOfDay.AFTERNOON if local.time() < EVENING_BEGINS else PartOfDay.EVENING


def same_day(one: datetime, other: datetime, zones: Collection[str]) -> bool:
    """Whether both fall on one date in any of the zones."""
    return any(
        one.astimezone(clock).date() == other.astimezone(clock).date()
        for clock in map(ZoneInfo, zones)
    )


def same_part(one: datetime, other: datetime, zones: Collection[str]) -> bool:
    """Whether both fall into one part of the day in any of the zones."""
    return any(part_of_day(one, zone) is part_of_day(other, zone) for zone in zones)


def may_follow(last: datetime, at: datetime, zones: Collection[str]) -> bool:
    """Whether `at` keeps its distance from the last attempt: gap, day and part of the day."""
    return at - last >= GAP_MIN and not same_day(last, at, zones) and not same_part(last, at, zones)


def next_after(
    last: datetime, zones: Collection[str], earliest: datetime | None = None
) -> datetime:
    """The first moment (UTC) from `earliest` on that may follow the last attempt.

    Without zones the gap alone counts. Should the zones in doubt leave no part of any day of a
    fortnight, its end is the answer.
    """
    start = moment = max(last + GAP_MIN, earliest or last).astimezone(UTC)
    while moment < start + FORTNIGHT and not may_follow(last, moment, zones):
        moment = min(_next_boundary(moment, zone) for zone in zones)
    return moment


def _next_boundary(moment: datetime, zone: str) -> datetime:
    """When the next part of the day begins in a zone."""
    clock = ZoneInfo(zone)
    local = moment.astimezone(clock)
    today, tomorrow = local.date(), local.date() + timedelta(days=1)
    boundaries = [
        datetime.combine(today, NOON, clock),
        datetime.combine(today, EVENING_BEGINS, clock),
        datetime.combine(tomorrow, time(0), clock),
    ]
    return min(edge.astimezone(UTC) for edge in boundaries if edge.astimezone(UTC) > moment)


def day_after(moment: datetime, zone: str) -> datetime:
    """When (UTC) the date after the one of `moment` begins in a zone."""
    clock = ZoneInfo(zone)
    tomorrow = moment.astimezone(clock).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), clock).astimezone(UTC)
