"""The one place that asks what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]


def server_clock(offset_seconds: float = 0.0) -> Now:
    """A clock in UTC, to the millisecond as MongoDB keeps it; the offset is for demo and tests."""
    offset = timedelta(seconds=offset_seconds)

    def now() -> datetime:
        moment = datetime.now(UTC) + offset
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    return now
