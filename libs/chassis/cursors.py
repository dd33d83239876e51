"""Cursors of lists: where the next page begins, in a form that nobody is to take apart."""

import base64
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import orjson

from libs.decider import Invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_INTEGER_END = 1 << 63


class CursorInvalid(Invalid):
    """This cursor was not made here; begin again at the first page without one."""


class Place(NamedTuple):
    """Where a row stands: by its moment, then its id, within `group` where rows are grouped."""

    at: datetime
    row_id: str
    group: int | str | None = None


def cursor_of(place: Place) -> str:
    """The cursor behind a row."""
    at, row_id, group = place
    told = [(at - _EPOCH) // _MILLISECOND, row_id, *([] if group is None else [group])]
    return base64.urlsafe_b64encode(orjson.dumps(told)).rstrip(b"=").decode()


def place_in(cursor: str | None, *, grouped: bool = False) -> Place | None:
    """The place a cursor names, which has a group if `grouped`; None without a cursor.

    Raises CursorInvalid.
    """
    if not cursor:
        return None
    try:
        milliseconds, row_id, *group = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * 3))
        at = _EPOCH + milliseconds * _MILLISECOND
    except (ValueError, TypeError, OverflowError) as error:
        raise CursorInvalid from error
    fits = len(group) == int(grouped) and all(map(_can_be_group, group))
    if not isinstance(row_id, str) or not fits:
        raise CursorInvalid
    return Place(at, row_id, *group)


def _can_be_group(value: object) -> bool:
    """A text, or a whole number that MongoDB can compare."""
    return isinstance(value, str) or (type(value) is int and abs(value) < _INTEGER_END)
