"""When a batch ends: soon where little comes, later where much does, every run once."""

import asyncio
from collections.abc import Callable

import pytest
from aiokafka.structs import TopicPartition

from libs.chassis.gathering import Gathering, Pace
from libs.chassis.record_runs import Run

CALLS = TopicPartition("results.events", 3)
PACE = Pace(seconds=0.8, rounds_max=3, busy_records=100, records_max=4_000)


def run_to(offset: int, records: int) -> Run:
    run = Run(
        *(CALLS.topic, CALLS.partition, offset, 0.0, 0, [], None, b"", None),
        tp=CALLS,
        generation_id=1,
    )
    run.records = [None] * records
    return run


@pytest.mark.parametrize(
    ("rounds", "records", "runs", "is_over"),
    [
        (1, 1, 1, True),
        (1, 99, 20, True),
        (1, 100, 20, False),
        (2, 199, 20, True),
        (2, 200, 20, False),
        (3, 3_999, 20, True),
        (1, 3_999, 332, False),
        (1, 4_000, 332, True),
        (1, 3_999, 333, True),
    ],
)
def test_a_batch_goes_on_while_much_comes_and_nobody_is_behind(
    rounds: int, records: int, runs: int, *, is_over: bool
) -> None:
    assert PACE.is_over(rounds, records, runs) is is_over


def test_where_somebody_waits_a_batch_ends_after_its_time() -> None:
    assert Pace(seconds=0.2).is_over(1, 1_000, 20)


class Pauses:
    """Lets things come during a pause, as many pauses as there are things to do in them."""

    def __init__(self, *meanwhile: Callable[[], None]) -> None:
        self.seconds: list[float] = []
        self._meanwhile = list(meanwhile)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if self._meanwhile:
            self._meanwhile.pop(0)()


async def test_every_run_is_in_one_batch_in_order() -> None:
    pauses = Pauses(
        lambda: gathering.add(run_to(149, 100)),
        lambda: gathering.add(run_to(249, 100)),
        lambda: gathering.add(run_to(349, 100)),
    )
    gathering = Gathering(PACE, pauses)
    batches = gathering.batches()
    gathering.add(run_to(49, 50))
    assert [run.offset for run in await anext(batches)] == [49, 149, 249, 349]
    assert pauses.seconds == [0.8] * 3
    gathering.add(run_to(359, 10))
    assert [run.offset for run in await anext(batches)] == [359]
    assert pauses.seconds == [0.8] * 4


async def test_what_comes_while_a_batch_is_folded_is_in_the_next() -> None:
    gathering = Gathering(Pace(seconds=0.1), Pauses())
    batches = gathering.batches()
    gathering.add(run_to(0, 1))
    await anext(batches)
    gathering.add(run_to(1, 1))
    assert [run.offset for run in await anext(batches)] == [1]


async def test_nobody_is_handed_an_empty_batch() -> None:
    pauses = Pauses()
    batches = Gathering(Pace(seconds=0.1), pauses).batches()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await anext(batches)
    assert not pauses.seconds
