"""How long what comes for one agent gathers before it is folded together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from libs.chassis.record_runs import RUNS_IN_HAND_MAX, Run

Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """A batch ends `seconds` after its first run, however little came.

    As long as `busy_records` come in each such time it goes on, `rounds_max` times in all: where
    much comes, many facts are about the same rows. With `records_max` or `runs_max` in hand it
    does not: whoever has so much before him is behind, and what is in hand holds the others up.
    """

    seconds: float
    rounds_max: int = 1
    busy_records: int = 100
    records_max: int = 4_000
    runs_max: int = RUNS_IN_HAND_MAX // 3

    def is_over(self, rounds: int, records: int, runs: int) -> bool:
        """Whether a batch ends after so many times `seconds`, with so many records and runs."""
        is_busy = self.busy_records * rounds <= records < self.records_max and runs < self.runs_max
        return rounds >= self.rounds_max or not is_busy


class Gathering:
    """Runs one after the other in, batches out. One task adds, one other takes."""

    def __init__(self, pace: Pace, pause: Pause = asyncio.sleep) -> None:
        self._pace = pace
        self._pause = pause
        self._runs: list[Run] = []
        self._records = 0
        self._came = asyncio.Event()

    def add(self, run: Run) -> None:
        """One more; how many there may be is the consumer's to bound."""
        self._runs.append(run)
        self._records += len(run.records)
        self._came.set()

    async def batches(self) -> AsyncIterator[list[Run]]:
        """Every run once, in order, for ever; no batch is empty."""
        while True:
            await self._came.wait()
            rounds = 0
            while not rounds or not self._pace.is_over(rounds, self._records, len(self._runs)):
                await self._pause(self._pace.seconds)
                rounds += 1
            runs, self._runs, self._records = self._runs, [], 0
            self._came.clear()
            yield runs
