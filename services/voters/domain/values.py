"""The values in a file's cells: dates, ZIPs and whole numbers, read or refused with a reason."""

import re
from datetime import date
from functools import lru_cache

from services.voters.domain.profiles.profile import DateOrder

_ZIP = re.compile(r"(\d{5})(?:[\s-]?(\d{4}))?")
_YEAR = re.compile(r"\d{4}")
_EARLIEST_YEAR = 1901
_PARTS = 3
# Longer numbers are no dates, ages or ids, and Python and BSON refuse them at some length.
_DIGITS_MAX = 18

PLACEHOLDER_DATE = "This is a placeholder date; the date counts as unknown."
UNREADABLE_DATE = "This is no date; the date counts as unknown."
UNREADABLE_ZIP = "This is no ZIP of five digits; the ZIP counts as unknown."


@lru_cache(maxsize=131_072)
def read_date(text: str, order: DateOrder) -> date | str | None:
    """A date, None for a blank cell, or the reason why it cannot be used."""
    day = text.split(" ", 1)[0]
    if not day:
        return None
    parts = day.split("/" if order is DateOrder.MONTH_DAY_YEAR else "-")
    try:
        numbers = [int(part) for part in parts]
    except ValueError:
        return UNREADABLE_DATE
    if len(numbers) != _PARTS:
        return UNREADABLE_DATE
    year, month, dom = numbers if order is DateOrder.YEAR_MONTH_DAY else (numbers[2], *numbers[:2])
    if 0 < year < _EARLIEST_YEAR:
        return PLACEHOLDER_DATE
    try:
        return date(year, month, dom)
    except (ValueError, OverflowError):
        return UNREADABLE_DATE


def read_year(text: str) -> int | None:
    """A year of birth that stands alone."""
    return int(text) if _YEAR.fullmatch(text) and int(text) >= _EARLIEST_YEAR else None


@lru_cache(maxsize=65_536)
def read_zip(text: str) -> tuple[str, str] | None:
    """ZIP and +4 (or ""); None if it is no ZIP. Nothing is padded: a lost digit may be any."""
    found = _ZIP.fullmatch(text)
    return (found[1], found[2] or "") if found else None


def read_count(text: str) -> int | None:
    """A whole number of at most 18 digits, None for anything else."""
    is_count = text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
    return int(text) if is_count else None
