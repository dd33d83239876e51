"""A bench that misses what it was asked for fails, and says by how much."""

import argparse
from typing import Any

import pytest

from bench.__main__ import shortfalls

FIGURES: dict[str, Any] = {
    "calls_per_second": 612.0,
    "next": {"p99_ms": 146.0},
    "result": {"p99_ms": 139.0},
    "dashboard": {"p99_s": 1.0},
}


def asked(**limits: float) -> argparse.Namespace:
    nothing = dict.fromkeys(("calls_min", "p99_ms_max", "dashboard_seconds_max"))
    return argparse.Namespace(**(nothing | limits))


def test_nothing_asked_is_nothing_missed() -> None:
    assert shortfalls(FIGURES, asked()) == []


def test_limits_that_are_met_are_not_missed() -> None:
    limits = asked(calls_min=612, p99_ms_max=146, dashboard_seconds_max=1)
    assert shortfalls(FIGURES, limits) == []


@pytest.mark.parametrize(
    ("limit", "missed"),
    [
        ({"calls_min": 612.5}, ["calls a second: 612.0, asked for 612.5"]),
        ({"p99_ms_max": 140.0}, ["p99 of a next voter, ms: 146.0, asked for 140.0"]),
        ({"dashboard_seconds_max": 0.9}, ["p99 to the dashboard, s: 1.0, asked for 0.9"]),
    ],
)
def test_a_limit_that_is_missed_is_named(limit: dict[str, float], missed: list[str]) -> None:
    assert shortfalls(FIGURES, asked(**limit)) == missed


def test_a_dashboard_that_was_never_seen_is_late() -> None:
    figures = FIGURES | {"dashboard": {}}
    (missed,) = shortfalls(figures, asked(dashboard_seconds_max=2))
    assert "inf" in missed
