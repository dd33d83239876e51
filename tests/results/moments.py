"""The evening on which the tests' calls are made, and a clock that stands where it is put."""

from datetime import UTC, datetime, timedelta

EVENING = datetime(2026, 10, 6, 23, 0, tzinfo=UTC)


def at(minutes: float = 0.0) -> datetime:
    """So many minutes into the evening."""
    return EVENING + timedelta(minutes=minutes)


class Clock:
    """Says the evening's time; a test may move it."""

    def __init__(self) -> None:
        self.time = EVENING

    def __call__(self) -> datetime:
        return self.time
