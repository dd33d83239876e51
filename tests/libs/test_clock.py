"""The server's clock: now, in UTC, as MongoDB will give it back."""

from datetime import UTC, datetime, timedelta

import pytest

from libs.chassis.clock import server_clock


@pytest.mark.parametrize("offset_seconds", [0.0, 3600.0, -86_400.0004, 0.0126])
def test_a_clock_tells_whole_milliseconds_at_its_offset(offset_seconds: float) -> None:
    now = server_clock(offset_seconds)
    before = datetime.now(UTC)
    told = [now() for _ in range(100)]
    after = datetime.now(UTC)
    a_moment, offset = timedelta(milliseconds=1), timedelta(seconds=offset_seconds)
    assert all(each.microsecond % 1_000 == 0 for each in told)
    assert before - a_moment <= told[0] - offset <= told[-1] - offset <= after + a_moment
