"""A worker's check of health: does it read on? One that stands still is ended, and so begun anew.

    KAFKA_BOOTSTRAP=kafka:9092 python -m deploy.containers.reading queue

It sees what the watchdog of the embedded house sees, but only once each time it is run; so what it
saw before is kept in a file beside the worker's own, which is gone when the container starts anew.
"""

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import psutil
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.embedded.watchdog import (
    Patience,
    Positions,
    Sight,
    Watched,
    cpu_seconds,
    follow,
    positions,
    stuck,
)
from deploy.processes import group, topics

ANSWER_SECONDS_MAX = 8.0

Marks = dict[str, Sight]


def judge(
    marks: Marks,
    now: Positions,
    *,
    at_seconds: float,
    run: int,
    lived_seconds: float,
    worked_seconds: float,
) -> tuple[Marks, list[str]]:
    """The marks to keep, and the partitions at which the worker has stood still for too long."""
    patience = Patience()
    steady = now.steady and lived_seconds >= patience.joining_seconds
    kept: Marks = {}
    still: list[str] = []
    for partition, (committed, end) in now.partitions.items():
        name = f"{partition.topic}/{partition.partition}"
        sight = Sight(at_seconds, run, steady, committed, end, worked_seconds)
        mark = kept[name] = follow(marks.get(name), sight)
        if stuck(mark, sight, patience):
            still.append(f"{name}, {sight.lag} facts behind")
    return kept, still


async def look(bootstrap: str, service: str) -> Positions:
    """Where the service's workers are. Raises KafkaError and TimeoutError."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    watched = Watched(child=service, group=group(service), topics=topics(service))
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            await admin.start()
            await reader.start()
            return await positions(admin, reader, watched)
    finally:
        await reader.stop()
        await admin.close()


def worker_process(service: str) -> psutil.Process | None:
    """The worker beside us in this container; the oldest, should there be a fork."""
    module = f"services.{service}.worker"
    found = [each for each in psutil.process_iter(["cmdline"]) if module in each.info["cmdline"]]
    return min(found, key=lambda each: each.pid, default=None)


def read_marks(file: Path) -> Marks:
    """What was seen before; nothing, if there is no such file or it is damaged."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        kept: Mapping[str, dict[str, object]] = json.loads(file.read_text(encoding="utf-8"))
        return {name: Sight(**sight) for name, sight in kept.items()}  # type: ignore[arg-type]  # as written below.
    return {}


def write_marks(file: Path, marks: Marks) -> None:
    """Keep what was seen for the next look."""
    kept = {name: asdict(sight) for name, sight in marks.items()}
    file.write_text(json.dumps(kept), encoding="utf-8")


def main(service: str) -> int:
    """The exit code: 0 while it reads, or while nobody can know because the broker is away."""
    worker = worker_process(service)
    if worker is None:
        sys.stdout.write("there is no worker here\n")
        return 1
    try:
        now = asyncio.run(look(os.environ["KAFKA_BOOTSTRAP"], service))
    except (KafkaError, OSError, TimeoutError) as error:
        sys.stdout.write(f"the broker does not answer: {type(error).__name__}\n")
        return 0
    file = Path(tempfile.gettempdir()) / f"reading-{service}.json"
    at_seconds = time.time()
    marks, still = judge(
        read_marks(file),
        now,
        at_seconds=at_seconds,
        run=worker.pid,
        lived_seconds=at_seconds - worker.create_time(),
        worked_seconds=cpu_seconds(worker.pid),
    )
    write_marks(file, marks)
    if not still:
        return 0
    sys.stdout.write(f"it stands still at {'; '.join(still)}: it is ended\n")
    worker.kill()
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
