"""Organizers who watch one dashboard: how late its snapshots reach every one of them.

`python -m bench.watchers URL BANK_ID EMAIL PASSWORD [COUNT] [SECONDS]` prints the figures.
"""

import asyncio
import contextlib
import json
import statistics
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from bench.callers import log_in

OPENED_AT_ONCE = 25
MESSAGE_BYTES_MAX = 1 << 20
PAUSE_SECONDS = 1.0
_AS_OF = b'"as_of":"'
_MOMENT_END = b'"'


@dataclass(slots=True)
class Watching:
    """What the watchers saw together. A lag is from a snapshot's own time to its arrival."""

    open: int = 0
    opened_again: int = 0
    refused: int = 0
    snapshot_bytes: int = 0
    lag_seconds: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, object]:
        """Median, 99th percentile and largest lag in seconds, and how much was sent."""
        ordered = sorted(self.lag_seconds)
        if not ordered:
            return {"watchers": self.open, "refused": self.refused}
        return {
            "watchers": self.open,
            "snapshots": len(ordered),
            "snapshot_bytes": round(self.snapshot_bytes / len(ordered)),
            "opened_again": self.opened_again,
            "refused": self.refused,
            "lag_p50_s": round(statistics.median(ordered), 3),
            "lag_p99_s": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 3),
            "lag_max_s": round(ordered[-1], 3),
        }


async def watch(
    base_url: str, bank_id: str, organizer_token: str, count: int, watching: Watching
) -> None:
    """`count` live streams of one bank's dashboard, until cancelled."""
    gate = asyncio.Semaphore(OPENED_AT_ONCE)
    request = _request(base_url, bank_id, organizer_token)
    async with asyncio.TaskGroup() as watchers:
        for _ in range(count):
            watchers.create_task(_keep_watching(base_url, request, gate, watching))


def _request(base_url: str, bank_id: str, token: str) -> bytes:
    lines = (
        f"GET /gotv/phone-banks/{bank_id}/dashboard/live HTTP/1.1",
        f"host: {urlsplit(base_url).netloc}",
        f"authorization: Bearer {token}",
        "accept: text/event-stream",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _keep_watching(
    base_url: str, request: bytes, gate: asyncio.Semaphore, watching: Watching
) -> None:
    """As a browser does it: a stream that ends is opened again."""
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await _watch_once(base_url, request, gate, watching)
        watching.opened_again += 1
        await asyncio.sleep(PAUSE_SECONDS)


async def _watch_once(
    base_url: str, request: bytes, gate: asyncio.Semaphore, watching: Watching
) -> None:
    address = urlsplit(base_url)
    async with gate:
        reader, writer = await asyncio.open_connection(
            address.hostname, address.port or 80, limit=MESSAGE_BYTES_MAX
        )
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
        except BaseException:
            writer.close()
            raise
    if b" 200 " not in head.partition(b"\r\n")[0]:
        watching.refused += 1
        writer.close()
        return
    watching.open += 1
    try:
        while True:
            # The lengths of HTTP's chunks stand between messages; nothing of ours looks like them.
            _note(await reader.readuntil(b"\n\n"), watching)
    finally:
        watching.open -= 1
        writer.close()


def _note(message: bytes, watching: Watching) -> None:
    _, found, rest = message.rpartition(_AS_OF)
    if found:
        moment = datetime.fromisoformat(rest.partition(_MOMENT_END)[0].decode())
        watching.lag_seconds.append(time.time() - moment.timestamp())
        watching.snapshot_bytes += len(message)


async def _main(
    base_url: str, bank_id: str, email: str, password: str, count: str = "200", seconds: str = "30"
) -> None:
    watching = Watching()
    token = await log_in(base_url, email, password)
    task = asyncio.create_task(watch(base_url, bank_id, token, int(count), watching))
    await asyncio.wait({task}, timeout=float(seconds))
    figures = watching.figures()
    task.cancel()
    await asyncio.wait({task})
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
