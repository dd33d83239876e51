"""The one place that asks what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import time_ns

Now = Callable[[], datetime]


def server_clock(offset_seconds: float = 0.0) -> Now:
    """A clock in UTC, to the millisecond as MongoDB keeps it; the offset is for demo and tests."""
    offset = timedelta(milliseconds=round(offset_seconds * 1_000))

    def now() -> datetime:
        return datetime.fromtimestamp(time_ns() // 1_000_000 / 1_000, UTC) + offset

    return now
