"""Builds a view from its facts alone: the topics before an agent takes over, or the logs."""

from collections.abc import AsyncIterator, Iterable

import structlog

from libs.events.base import Recorded
from libs.eventstore.store import Log
from libs.views.fold import label_of
from libs.views.intake import facts_in, feed
from libs.views.readiness import Readiness
from libs.views.runner import ViewRunner
from libs.views.topics import Topics

FACTS_PER_BATCH = 2_000

log = structlog.get_logger()


async def rebuild_from_topics(
    runner: ViewRunner, topics: Topics, names: Iterable[str], readiness: Readiness
) -> None:
    """Fold everything from offset 0 to the ends captured now, then mark the view complete.

    The agent goes on from its group's offsets; where the two overlap, `seen` drops the facts.
    Policies are not run. Safe to repeat, and to run in two workers at once.
    """
    ends = await topics.ends(names)
    log.info("rebuilding view", view=runner.name, records=sum(ends.values()))
    async for records in topics.read({place: (0, end) for place, end in ends.items()}):
        await feed(runner, facts_in(records, runner.types))
    await readiness.complete(runner.name, {label_of(*place): end for place, end in ends.items()})
    log.info("view rebuilt", view=runner.name)


async def rebuild_from_log(runner: ViewRunner, logs: Iterable[Log]) -> int:
    """Fold the logs of the publishers in their order, without Kafka; how many facts were read.

    Only into a collection no agent works on yet: a row that has seen later facts keeps its past
    as it is (`replay` mends single rows of a running view).
    """
    read = 0
    for publisher in logs:
        async for batch in _batches(publisher.in_order()):
            await runner.apply(batch)
            read += len(batch)
    return read


async def _batches(facts: AsyncIterator[Recorded]) -> AsyncIterator[list[Recorded]]:
    batch: list[Recorded] = []
    async for fact in facts:
        batch.append(fact)
        if len(batch) >= FACTS_PER_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
