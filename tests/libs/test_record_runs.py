"""What may be committed when several agents take the runs of one partition."""

from collections.abc import Sequence

import pytest
from aiokafka.structs import TopicPartition

from libs.chassis.record_runs import (
    RECORDS_IN_HAND_MAX,
    RUNS_IN_HAND_MAX,
    Finished,
    InHand,
    Run,
)

CALLS = TopicPartition("results.events", 3)
LINES = TopicPartition("queue.events", 3)


def run_to(place: TopicPartition, offset: int, *, records: int = 0, generation: int = 1) -> Run:
    run = Run(
        *(place.topic, place.partition, offset, 0.0, 0, [], None, b"", None),
        tp=place,
        generation_id=generation,
    )
    run.records = [None] * records
    return run


@pytest.mark.parametrize(
    ("finished", "until"),
    [
        ([], None),
        ([("views", CALLS, 9)], None),
        ([("policies", CALLS, 9)], None),
        ([("views", CALLS, 9), ("policies", CALLS, 9)], 10),
        ([("views", CALLS, 40), ("policies", CALLS, 9)], 10),
        ([("views", CALLS, 9), ("views", CALLS, 40), ("policies", CALLS, 40)], 41),
        ([("views", LINES, 9), ("policies", LINES, 9)], None),
    ],
)
def test_a_place_is_committed_as_far_as_its_slowest_agent_came(
    finished: Sequence[tuple[str, TopicPartition, int]], until: int | None
) -> None:
    far = Finished()
    far.expect("views", ["results.events", "queue.events"])
    far.expect("policies", ["results.events"])
    for agent, place, offset in finished:
        far.note(agent, [run_to(place, offset)])
    assert far.until(CALLS) == until


def test_a_place_waits_only_for_the_agents_of_its_topic() -> None:
    far = Finished()
    far.expect("views", ["results.events", "queue.events"])
    far.expect("policies", ["results.events"])
    far.note("views", [run_to(LINES, 4), run_to(CALLS, 7)])
    assert far.until(LINES) == 5
    assert far.until(CALLS) is None


def test_records_are_in_hand_until_the_slowest_agent_is_done_with_them() -> None:
    far = Finished()
    far.expect("views", ["results.events"])
    far.expect("policies", ["results.events"])
    in_hand = InHand(far)
    runs = [run_to(CALLS, 9, records=10), run_to(CALLS, 14, records=5)]
    for run in runs:
        in_hand.took(run)
    assert in_hand.count(1) == (15, 2)
    far.note("views", runs)
    assert in_hand.count(1) == (15, 2)
    far.note("policies", runs[:1])
    assert in_hand.count(1) == (5, 1)
    far.note("policies", runs[1:])
    assert in_hand.count(1) == (0, 0)


def test_what_was_in_hand_before_a_rebalance_holds_nobody_up() -> None:
    in_hand = InHand(Finished())
    in_hand.took(run_to(CALLS, 9, records=10))
    assert in_hand.count(2) == (0, 0)
    in_hand.took(run_to(LINES, 3, records=4, generation=2))
    assert in_hand.count(2) == (4, 1)
    in_hand.forget()  # Another rebalance may keep the number.
    assert in_hand.count(2) == (0, 0)


@pytest.mark.parametrize(
    ("runs", "records", "full"),
    [
        (1, RECORDS_IN_HAND_MAX, False),
        (1, RECORDS_IN_HAND_MAX + 1, True),
        (RUNS_IN_HAND_MAX, 1, False),
        (RUNS_IN_HAND_MAX + 1, 1, True),
    ],
)
def test_no_more_is_fetched_than_can_be_held(runs: int, records: int, *, full: bool) -> None:
    in_hand = InHand(Finished())
    for number in range(runs):
        in_hand.took(run_to(CALLS, number, records=records))
    assert in_hand.is_full(1) is full
