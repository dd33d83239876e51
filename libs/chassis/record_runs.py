"""A Faust transport that hands on what was fetched of a partition as one message: a run."""

from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from aiokafka.structs import ConsumerRecord
from faust.transport.drivers.aiokafka import Consumer, Transport
from faust.types.tuples import TP, ConsumerMessage

GATHER_SECONDS = 0.1
RECORDS_IN_HAND_MAX = 10_000
RUNS_IN_HAND_MAX = 1_000


class Run(ConsumerMessage):
    """The records that one fetch brought of one partition, in order; to Faust it is the last."""

    records: Sequence[ConsumerRecord]


class Finished:
    """How far each agent came along each partition; what all of its topic's finished is done."""

    def __init__(self) -> None:
        self._topics: dict[str, frozenset[str]] = {}
        self._following: dict[tuple[str, TP], int] = {}

    def expect(self, agent: str, topics: Iterable[str]) -> None:
        """This agent takes the runs of these topics."""
        self._topics[agent] = frozenset(topics)

    def note(self, agent: str, runs: Iterable[Run]) -> None:
        """The agent is done with these runs, and with all before them."""
        for run in runs:
            self._following[agent, run.tp] = run.offset + 1

    def until(self, place: TP) -> int | None:
        """The offset that no agent is done with; None while one has not finished anything."""
        reached = [
            self._following.get((agent, place))
            for agent, topics in self._topics.items()
            if place.topic in topics
        ]
        known = [each for each in reached if each is not None]
        return min(known) if known and len(known) == len(reached) else None


class InHand:
    """The records that were handed on and that not every agent is done with yet.

    A rebalance begins anew: what was in hand then is another's, or comes again.
    """

    def __init__(self, finished: Finished) -> None:
        self._finished = finished
        self._generation = 0
        self._runs: dict[TP, deque[tuple[int, int]]] = {}

    def took(self, run: Run) -> None:
        """This run was handed on."""
        if run.generation_id != self._generation:
            self._generation = run.generation_id
            self._runs.clear()
        self._runs.setdefault(run.tp, deque()).append((run.offset, len(run.records)))

    def forget(self) -> None:
        """Partitions came or went, and what was in hand may never be finished here."""
        self._runs.clear()

    def count(self, generation: int) -> tuple[int, int]:
        """How many records they are, in how many runs; none before a generation's first run."""
        if generation != self._generation:
            return 0, 0
        for place, runs in self._runs.items():
            until = self._finished.until(place) or 0
            while runs and runs[0][0] < until:
                runs.popleft()
        records = sum(records for runs in self._runs.values() for _, records in runs)
        return records, sum(map(len, self._runs.values()))

    def is_full(self, generation: int) -> bool:
        """Whether nothing more is to be fetched for now."""
        records, runs = self.count(generation)
        return records > RECORDS_IN_HAND_MAX or runs > RUNS_IN_HAND_MAX


class RunConsumer(Consumer):
    """Spends what Faust spends on a message (two tasks, an event, its bookkeeping) once a run.

    Measured: 127 microseconds of CPU a fact with a message for each, two thirds of it Faust's own.
    Records are gathered for `GATHER_SECONDS`, so that runs are long when there is much to do.
    """

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Run]]:  # noqa: ASYNC109 - Faust's.
        """The runs of the next fetch; a rebalance in between ends it, as it ends Faust's own."""
        await self.sleep(GATHER_SECONDS)
        # Faust's own pressure, a full buffer that pauses its partition, would count runs as facts.
        in_hand: InHand = self.transport.in_hand
        while in_hand.is_full(self.app.consumer_generation_id) and not self.should_stop:
            await self.sleep(GATHER_SECONDS)
        records, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            await self.perform_seek()
            return
        for place, found in records.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if found and (active is None or place in active or place in self._buffered_partitions):
                self.app.monitor.track_tp_end_offset(place, self.highwater(place))
                run = self._to_run(place, found)
                in_hand.took(run)
                yield place, run

    def _to_run(self, place: TP, found: Sequence[Any]) -> Run:
        last = found[-1]
        run = Run(
            *(last.topic, last.partition, last.offset, last.timestamp / 1000, last.timestamp_type),
            *(last.headers, last.key, last.value, last.checksum),
            tp=place,
            generation_id=self.app.consumer_generation_id,
        )
        run.records = found
        return run

    def _new_offset(self, tp: TP) -> int | None:
        """What to commit: Faust would look for each offset that an acknowledgement leaves out."""
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        finished: Finished = self.transport.finished
        return finished.until(tp)

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """The offsets before a run's last are the run's."""


class RunTransport(Transport):
    """Faust's Kafka transport with the consumer above; agents say there what they finished."""

    Consumer = RunConsumer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.finished = Finished()
        self.in_hand = InHand(self.finished)
