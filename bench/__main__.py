"""`make bench`: a whole house on this machine, loaded by wrk; figures as text and JSON."""

import argparse
import asyncio
import json
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

from bench.callers import BenchCaller, log_in, sign_up
from bench.freshness import Freshness, probe
from bench.processes import Usage, usage_of
from bench.watchers import Watching, watch
from deploy.demo.script import DEMO_SCRIPT
from deploy.embedded.elsewhere import Elsewhere, demo_elsewhere

SCRIPT = Path(__file__).with_name("calls.lua")
READY_SECONDS_MAX = 400.0
SETTLE_SECONDS = 3.0


def say(line: str) -> None:
    """A line for the person who waits."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def bench(arguments: argparse.Namespace) -> dict[str, Any]:
    """Start a house, load it, and answer the figures."""
    with tempfile.TemporaryDirectory(prefix="phonebank-bench-") as folder:
        say(f"Starting a house of its own with {arguments.voters} voters")
        async with demo_elsewhere(
            Path(folder) / "data",
            _free_port(),
            environment={"DEMO_VOTERS": str(arguments.voters), "CALLERS": "0"},
            ready_seconds=READY_SECONDS_MAX,
        ) as demo:
            say(f"Signing up {arguments.callers} callers")
            callers = await sign_up(demo.url, demo.mail_url, arguments.callers + 1)
            organizer = await log_in(demo.url, *demo.accounts["Organizer"])
            banks = await _practice_banks(demo, organizer)
            return await _load(demo, arguments, callers, organizer, banks, Path(folder))


async def _load(
    demo: Elsewhere,
    arguments: argparse.Namespace,
    callers: list[BenchCaller],
    organizer: str,
    banks: tuple[str, str],
    folder: Path,
) -> dict[str, Any]:
    tokens = folder / "tokens"
    tokens.write_text("\n".join(caller.token for caller in callers[1:]) + "\n", encoding="utf-8")
    freshness, crowd = Freshness(), Watching()
    beside = [
        asyncio.create_task(probe(demo.url, banks[1], callers[0].token, organizer, freshness)),
        asyncio.create_task(watch(demo.url, banks[0], organizer, arguments.watchers, crowd)),
    ]
    await asyncio.sleep(SETTLE_SECONDS)
    before = usage_of(demo.process.pid)
    say(f"wrk: {arguments.connections} connections for {arguments.seconds} s")
    figures = await _wrk(demo.url, arguments, tokens, banks[0])
    after = usage_of(demo.process.pid)
    await asyncio.sleep(SETTLE_SECONDS)
    watchers = crowd.figures()
    for each in beside:
        each.cancel()
    for ended in await asyncio.gather(*beside, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended
    calls = figures["result"]["count"]
    figures["calls_per_second"] = round(calls / figures["seconds"], 1)
    figures["dashboard"] = freshness.figures()
    figures["watchers"] = watchers
    figures["processes"] = _by_process(before, after, figures["seconds"], calls)
    return figures


def _by_process(
    before: dict[str, Usage], after: dict[str, Usage], seconds: float, calls: int
) -> dict[str, dict[str, float]]:
    spent = {
        name: usage.cpu_seconds - before.get(name, Usage(0, 0)).cpu_seconds
        for name, usage in after.items()
    }
    return {
        name: {
            "cpu_percent": round(100 * spent[name] / seconds, 1),
            "cpu_us_a_call": round(1e6 * spent[name] / max(calls, 1)),
            "memory_mib": round(after[name].memory_mib),
        }
        for name in sorted(spent, key=lambda name: -spent[name])
    }


async def _wrk(
    url: str, arguments: argparse.Namespace, tokens: Path, bank_id: str
) -> dict[str, Any]:
    threads = arguments.threads
    process = await asyncio.create_subprocess_exec(
        *("wrk", f"-t{threads}", f"-c{arguments.connections}", f"-d{arguments.seconds}s"),
        *("--timeout", "10s", "-s", str(SCRIPT), url, "--", str(tokens), bank_id, str(threads)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    for line in output.decode().splitlines():
        if line.startswith("BENCH "):
            found: dict[str, Any] = json.loads(line.removeprefix("BENCH "))
            return found
    raise RuntimeError(output.decode())


async def _practice_banks(demo: Elsewhere, organizer: str) -> tuple[str, str]:
    """The demo's practice bank for the load, and one more over the same voters for the probe."""
    headers = {"authorization": f"Bearer {organizer}"}
    async with httpx.AsyncClient(base_url=demo.url, headers=headers, timeout=60.0) as http:
        page = (await http.get("/queue/phone-banks?organization=dvc-palo-alto")).json()
        practice = next(bank for bank in page["phone_banks"] if bank["practice"])
        detail = (await http.get(f"/queue/phone-banks/{practice['bank_id']}")).json()
        wanted = {
            name: detail[name]
            for name in (
                *("campaign_id", "candidate", "state", "purpose", "universe_id"),
                *("practice", "organization_ids"),
            )
        }
        made = await _send(http, "POST", "/queue/phone-banks", {**wanted, "name": "Probe"})
        place = f"/queue/phone-banks/{made['bank_id']}"
        await _send(http, "PUT", f"{place}/script", {"script": DEMO_SCRIPT})
        await _send(http, "POST", f"{place}/open", {})
        return practice["bank_id"], made["bank_id"]


async def _send(
    http: httpx.AsyncClient, method: str, path: str, body: dict[str, Any]
) -> dict[str, Any]:
    answer = await http.request(method, path, json=body, headers={"idempotency-key": f"b{path}"})
    answer.raise_for_status()
    found: dict[str, Any] = answer.json() if answer.content else {}
    return found


def _free_port() -> int:
    """The first of six neighbouring ports that are free."""
    for port in range(18_000 + os.getpid() % 1_000, 30_000, 10):
        if all(_free(port + offset) for offset in range(6)):
            return port
    raise RuntimeError("no six neighbouring ports are free")


def _free(port: int) -> bool:
    with socket.socket() as probe_socket:
        return probe_socket.connect_ex(("127.0.0.1", port)) != 0


def shortfalls(figures: dict[str, Any], arguments: argparse.Namespace) -> list[str]:
    """What was asked for and not reached, in words; nothing was asked for where a limit is None."""
    worst = {
        "calls a second": (figures["calls_per_second"], arguments.calls_min),
        "p99 of a next voter, ms": (figures["next"]["p99_ms"], arguments.p99_ms_max),
        "p99 of a result, ms": (figures["result"]["p99_ms"], arguments.p99_ms_max),
        "p99 to the dashboard, s": (
            figures["dashboard"].get("p99_s", float("inf")),
            arguments.dashboard_seconds_max,
        ),
    }
    return [
        f"{name}: {figure}, asked for {limit}"
        for name, (figure, limit) in worst.items()
        if limit is not None and (figure < limit if name == "calls a second" else figure > limit)
    ]


def main() -> int:
    """Parse, run, print; the exit code is 0 when figures came out and reached what was asked."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--callers", type=int, default=256)
    parser.add_argument("--watchers", type=int, default=200, help="organizers on the dashboard")
    parser.add_argument("--voters", type=int, default=60_000)
    parser.add_argument("--calls-min", type=float, help="fail below so many calls a second")
    parser.add_argument("--p99-ms-max", type=float, help="fail above, for a next or a result")
    parser.add_argument("--dashboard-seconds-max", type=float, help="fail above, at p99")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        say("wrk is not installed. On Debian: apt-get install wrk")
        return 1
    figures = asyncio.run(bench(arguments))
    text = json.dumps(figures, indent=2)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")
    say(text)
    missed = shortfalls(figures, arguments)
    for each in missed:
        say(each)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
