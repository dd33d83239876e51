"""How long a result takes to the dashboard of somebody who watches, while others load the house."""

import asyncio
import json
import statistics
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

PAUSE_SECONDS = 1.0
SEEN_SECONDS_MAX = 30.0


@dataclass(slots=True)
class Freshness:
    """Seconds from a result's answer to the first snapshot that counts it."""

    seconds: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, object]:
        """Median, 99th percentile and largest, in seconds; what was refused, in its own words."""
        ordered = sorted(self.seconds)
        if not ordered:
            return {}
        return {
            "count": len(ordered),
            "p50_s": round(statistics.median(ordered), 2),
            "p99_s": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 2),
            "max_s": round(ordered[-1], 2),
            "refused": self.refused,
        }


async def probe(
    base_url: str, bank_id: str, caller_token: str, organizer_token: str, freshness: Freshness
) -> None:
    """Call through a phone bank that nobody else uses, and watch its dashboard, until cancelled."""
    watched = _Watched()
    async with httpx.AsyncClient(base_url=base_url, timeout=60.0) as http:
        watching = asyncio.create_task(watched.watch(http, bank_id, organizer_token))
        try:
            await watched.reached(0)
            receipt: str | None = None
            start = watched.calls
            for number in range(1, 10_000):
                try:
                    receipt, calls = await _call(http, bank_id, caller_token, receipt, number)
                except httpx.HTTPStatusError as refused:
                    freshness.refused.append(refused.response.text)
                    await asyncio.sleep(PAUSE_SECONDS)
                    continue
                start += calls
                answered = time.monotonic()
                freshness.seconds.append(await watched.reached(start) - answered)
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            watching.cancel()


@dataclass(slots=True)
class _Watched:
    calls: int = -1
    seen_at: float = 0.0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def watch(self, http: httpx.AsyncClient, bank_id: str, token: str) -> None:
        headers = {"authorization": f"Bearer {token}"}
        url = f"/gotv/phone-banks/{bank_id}/dashboard/live"
        while True:
            async with http.stream("GET", url, headers=headers, timeout=None) as answer:
                if answer.status_code == httpx.codes.NOT_FOUND:
                    # The bank is new: the bus has not told gotv of it yet.
                    await asyncio.sleep(PAUSE_SECONDS / 10)
                    continue
                answer.raise_for_status()
                await self._read(answer)

    async def _read(self, answer: httpx.Response) -> None:
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                snapshot: dict[str, Any] = json.loads(line[5:])
                async with self.changed:
                    self.calls, self.seen_at = snapshot["calls"], time.monotonic()
                    self.changed.notify_all()

    async def reached(self, calls: int) -> float:
        async with asyncio.timeout(SEEN_SECONDS_MAX), self.changed:
            await self.changed.wait_for(lambda: self.calls >= calls)
            return self.seen_at


async def _call(
    http: httpx.AsyncClient, bank_id: str, token: str, receipt: str | None, number: int
) -> tuple[str, int]:
    headers = {"authorization": f"Bearer {token}", "idempotency-key": f"probe-{number}"}
    answer = await http.post(
        f"/queue/phone-banks/{bank_id}/assignments",
        headers=headers,
        json={"receipt": receipt} if receipt else {},
    )
    answer.raise_for_status()
    voters = [voter["voter_id"] for voter in answer.json()["voters"]]
    results = [{"voter_id": v, "disposition": "not_home", "answers": {}} for v in voters]
    answer = await http.post(
        "/results/calls",
        headers=headers,
        json={
            "ticket": answer.json()["ticket"],
            "spoke_with": "nobody",
            "results": results,
            "device_time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        },
    )
    answer.raise_for_status()
    return answer.json()["receipt"], len(voters)
