"""Cursors of lists: where the next page begins, in a form that nobody is to take apart."""

import base64
from datetime import UTC, datetime, timedelta

import orjson

from libs.decider import Invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class CursorInvalid(Invalid):
    """This cursor was not made here; begin again at the first page without one."""


def cursor_of(at: datetime, row_id: str) -> str:
    """The cursor behind a row."""
    place = orjson.dumps([(at - _EPOCH) // _MILLISECOND, row_id])
    return base64.urlsafe_b64encode(place).rstrip(b"=").decode()


def place_in(cursor: str | None) -> tuple[datetime, str] | None:
    """The place a cursor names; None without one. Raises CursorInvalid."""
    if not cursor:
        return None
    try:
        milliseconds, row_id = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * 3))
        at = _EPOCH + milliseconds * _MILLISECOND
    except (ValueError, TypeError, OverflowError) as error:
        raise CursorInvalid from error
    if not isinstance(row_id, str):
        raise CursorInvalid
    return at, row_id
