"""What passes by itself is tried again in place, for ever, ever more slowly."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from libs.database import DUPLICATE_KEY, TRANSIENT, BulkWriteError, OperationFailure

PAUSE_SECONDS_FIRST = 0.05
PAUSE_SECONDS_MAX = 5.0

# A primary that steps down or shuts down, a limit of time, a write conflict inside the server.
_PASSING_CODES = frozenset({6, 7, 50, 64, 89, 91, 112, 189, 262, 9001, 10107, 11600, 11602, 13435})

Answer = TypeVar("Answer")

log = structlog.get_logger()


def is_transient(error: BaseException) -> bool:
    """Whether the same question to MongoDB may be answered later."""
    if isinstance(error, BulkWriteError):
        return False
    if isinstance(error, TRANSIENT):
        return True
    return isinstance(error, OperationFailure) and (
        error.code in _PASSING_CODES or error.has_error_label("RetryableWriteError")
    )


def is_race(error: BaseException) -> bool:
    """Whether a batch failed only because another writer was there first, or will soon be gone."""
    if not isinstance(error, BulkWriteError):
        return False
    faults = (error.details or {}).get("writeErrors", [])
    return all(fault["code"] == DUPLICATE_KEY or passing_code(fault["code"]) for fault in faults)


def passing_code(code: int | None) -> bool:
    """Whether a single write of a batch failed for a reason that passes."""
    return code in _PASSING_CODES


async def patiently(
    ask: Callable[[], Awaitable[Answer]],
    *,
    asking: str,
    passes: Callable[[BaseException], bool] = is_transient,
) -> Answer:
    """Ask until there is an answer; what `passes` does not let pass is raised at once.

    `ask` must be safe to repeat, for the outcome of a failed one is unknown.
    """
    pause_seconds = PAUSE_SECONDS_FIRST
    while True:
        try:
            return await ask()
        except Exception as error:
            if not passes(error):
                raise
            log.warning("trying again", asking=asking, reason=type(error).__name__)
        await asyncio.sleep(pause_seconds * random.uniform(0.5, 1.0))  # noqa: S311 - not a secret.
        pause_seconds = min(pause_seconds * 2, PAUSE_SECONDS_MAX)
