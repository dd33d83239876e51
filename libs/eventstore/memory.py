"""The log in memory, for decider and route tests and the simulator; same contract as MongoDB's."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable

from libs.events.base import Event, Recorded
from libs.eventstore.position import PARTITIONS_DEFAULT, partition_of, position_of
from libs.eventstore.store import ClaimTaken, Commit, History, StreamMoved


class MemoryLog:
    """Keeps commits in the order of their appends, one commit to an order entry."""

    def __init__(self, topic: str = "memory.events", partitions: int = PARTITIONS_DEFAULT) -> None:
        self.commits: dict[str, Commit] = {}
        self._streams: dict[str, list[Commit]] = defaultdict(list)
        self._claims: dict[str, Commit] = {}
        self._topic = topic
        self._partitions = partitions

    async def append(self, commit: Commit) -> Commit:
        """Record a commit once; see `Log.append`."""
        earlier = self.commits.get(commit.id)
        if earlier is not None:
            return earlier
        if commit.version != len(self._streams[commit.stream]) + 1:
            raise StreamMoved
        for claim in commit.claims:
            if claim in self._claims:
                raise ClaimTaken(claim)
        self.commits[commit.id] = commit
        self._streams[commit.stream].append(commit)
        self._claims.update(dict.fromkeys(commit.claims, commit))
        return commit

    async def read(self, stream: str) -> History:
        """All facts of a stream."""
        commits = self._streams.get(stream, [])
        facts: list[Event] = [fact for commit in commits for fact in commit.facts]
        return History(len(commits), tuple(facts))

    async def read_many(self, streams: Iterable[str]) -> dict[str, History]:
        """Several streams; a stream without commits is left out."""
        histories = {stream: await self.read(stream) for stream in streams}
        return {stream: history for stream, history in histories.items() if history.version}

    async def find(self, commit_id: str) -> Commit | None:
        """The commit recorded under this id."""
        return self.commits.get(commit_id)

    async def claimed(self, claim: str) -> Commit | None:
        """The commit that holds this claim."""
        return self._claims.get(claim)

    async def latest_claim(self, prefix: str) -> Commit | None:
        """The commit that holds the highest claim that starts with `prefix`."""
        matching = [claim for claim in self._claims if claim.startswith(prefix)]
        return self._claims[max(matching)] if matching else None

    async def ping(self) -> None:
        """Always ready."""

    async def in_order(self, after: int = 0, up_to: int | None = None) -> AsyncIterator[Recorded]:
        """The facts in the order of their appends."""
        for number, commit in enumerate(self.commits.values(), start=1):
            for place, fact in enumerate(commit.facts):
                position = position_of(number, 0, place)
                if position <= after or (up_to is not None and position > up_to):
                    continue
                yield Recorded(
                    event=fact,
                    id=f"{commit.id}:{place}",
                    stream=commit.stream,
                    version=commit.version,
                    at=commit.meta.at,
                    topic=self._topic,
                    partition=partition_of(fact.key, self._partitions),
                    position=position,
                    correlation_id=commit.meta.correlation_id,
                    causation_id=commit.meta.causation_id,
                    traceparent=commit.meta.traceparent,
                )
