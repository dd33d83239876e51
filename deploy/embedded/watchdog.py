"""Kills a worker that is alive but no longer reads: its lag grows while its position stands still.

It looks from outside, through the broker, because a worker in that state reports itself healthy
(aiokafka #847, #1037, #1187). One that a broker without air has kept from ever joining looks no
different: it logs an error and waits for ever.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import KafkaError

from deploy.embedded.supervisor import Say, Supervisor

_STEADY = "Stable"


@dataclass(frozen=True, slots=True)
class Watched:
    """A worker child, its consumer group, and the topics it is expected to keep up with."""

    child: str
    group: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a position may stand still while the lag grows.

    A group that is not steady is rebalancing, or its worker is still rebuilding a view before it
    joins: that may take longer than reading does, but keeps it busy; one that does next to nothing
    has lost its way. A process younger than `joining_seconds` is not steady yet either, for the
    broker may still take it for the one before it.
    """

    steady_seconds: float = 15.0
    unsteady_seconds: float = 600.0
    idle_seconds: float = 60.0
    idle_share: float = 0.05
    joining_seconds: float = 30.0
    look_every_seconds: float = 3.0

    def seconds(self, *, steady: bool, busy: bool) -> float:
        """How long it may stand still."""
        if steady:
            return self.steady_seconds
        return self.unsteady_seconds if busy else self.idle_seconds


@dataclass(frozen=True, slots=True)
class Sight:
    """One partition of one worker at one moment.

    `run` names the process, so that a new one starts with patience of its own; `cpu_seconds` is
    what that process has worked so far.
    """

    at_seconds: float
    run: int
    steady: bool
    committed: int
    end: int
    cpu_seconds: float = 0.0

    @property
    def lag(self) -> int:
        """How many facts it has not yet committed."""
        return max(0, self.end - self.committed)


def follow(mark: Sight | None, now: Sight) -> Sight:
    """The sight from which standing still is counted: the last one that showed life."""
    if (
        mark is None
        or now.lag == 0
        or now.committed != mark.committed
        or now.run != mark.run
        or now.steady != mark.steady
    ):
        return now
    return mark


def stuck(mark: Sight, now: Sight, patience: Patience) -> bool:
    """Whether the lag has grown since `mark` and patience has run out."""
    stood_seconds = now.at_seconds - mark.at_seconds
    busy = now.cpu_seconds - mark.cpu_seconds > patience.idle_share * stood_seconds
    may_stand_seconds = patience.seconds(steady=now.steady, busy=busy)
    return now.lag > mark.lag and stood_seconds >= may_stand_seconds


def cpu_seconds(pid: int) -> float:
    """What a process has worked so far; 0 for one that has ended."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


@dataclass(frozen=True, slots=True)
class Positions:
    """What the broker says of a group: is it steady, and (committed, end) of each partition."""

    steady: bool
    partitions: Mapping[TopicPartition, tuple[int, int]]


class Watchdog:
    """Looks at every worker again and again and kills the ones that are stuck."""

    def __init__(
        self,
        bootstrap: str,
        watched: Sequence[Watched],
        supervisor: Supervisor,
        *,
        say: Say,
        patience: Patience | None = None,
    ) -> None:
        self._bootstrap = bootstrap
        self._watched = watched
        self._supervisor = supervisor
        self._say = say
        self._patience = patience or Patience()
        self._marks: dict[tuple[str, TopicPartition], Sight] = {}

    async def run(self) -> None:
        """Watch until cancelled; a broker that does not answer is looked for again."""
        while True:
            try:
                await self._watch()
            except (KafkaError, OSError):
                self._marks.clear()  # What was seen before the gap proves nothing.
            await asyncio.sleep(self._patience.look_every_seconds)

    async def _watch(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        reader = AIOKafkaConsumer(bootstrap_servers=self._bootstrap)
        try:
            await admin.start()
            await reader.start()
            while True:
                for watched in self._watched:
                    self._judge(watched, await positions(admin, reader, watched))
                await asyncio.sleep(self._patience.look_every_seconds)
        finally:
            await reader.stop()
            await admin.close()

    def _judge(self, watched: Watched, positions: Positions) -> None:
        running = self._supervisor.running(watched.child)
        if running is None:
            return
        now_seconds = time.monotonic()
        joined = now_seconds - running.started_seconds >= self._patience.joining_seconds
        steady = positions.steady and joined
        worked_seconds = cpu_seconds(running.pid)
        for partition, (committed, end) in positions.partitions.items():
            now = Sight(now_seconds, running.pid, steady, committed, end, worked_seconds)
            key = (watched.child, partition)
            mark = self._marks[key] = follow(self._marks.get(key), now)
            if stuck(mark, now, self._patience):
                stood_seconds = now.at_seconds - mark.at_seconds
                self._say(
                    f"{watched.child} has stood still at {partition.topic}/{partition.partition}"
                    f" for {stood_seconds:.0f} s, {now.lag} facts behind, and is started anew"
                )
                self._supervisor.kill(watched.child)
                return


async def positions(
    admin: AIOKafkaAdminClient, reader: AIOKafkaConsumer, watched: Watched
) -> Positions:
    """Ask the broker; of a group without members, what it has read before counts.

    Of a group that has never read, everything is still to be read.
    """
    answers = await admin.describe_consumer_groups([watched.group])
    _, _, state, _, _, members = answers[0].groups[0][:6]
    offsets = await admin.list_consumer_group_offsets(watched.group)
    assigned = _assigned([member[4] for member in members if member[4]])
    read = {
        partition: max(0, offsets[partition].offset) if partition in offsets else 0
        for partition in assigned or offsets or await _all(admin, watched.topics)
        if partition.topic in watched.topics
    }
    ends = await reader.end_offsets(list(read)) if read else {}
    return Positions(
        steady=state == _STEADY,
        partitions={partition: (read[partition], ends[partition]) for partition in read},
    )


async def _all(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> list[TopicPartition]:
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in await admin.describe_topics(list(topics))
        for partition in topic["partitions"]
    ]


def _assigned(assignments: Sequence[bytes]) -> list[TopicPartition]:
    return [
        TopicPartition(topic, number)
        for assignment in assignments
        for topic, numbers in ConsumerProtocolMemberAssignment.decode(assignment).assignment
        for number in numbers
    ]
