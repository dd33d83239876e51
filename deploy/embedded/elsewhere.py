"""A whole demo as a process of its own, in another folder and on other ports: for tests, benches.

Ports and folder come from the one who starts it, so any number may run side by side.
"""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.embedded.child import LOOPBACK
from deploy.embedded.keys import kept_in

_READY = re.compile(r"^(\S+) is ready \(.*pid (\d+)\)")
_ACCOUNT = re.compile(r"^(Organizer|Caller): (\S+) / (\S+)")
_ADDRESS = re.compile(r"^(Kafka|MongoDB|Mail|Ready): (\S+)")
_STOP_SECONDS_MAX = 40.0


class NotReady(Exception):
    """The demo ended, or was not ready in time; the message holds its last lines."""


@dataclass(slots=True)
class Elsewhere:
    """A running demo: its addresses, its log-ins, and the process ids of its children."""

    folder: Path
    port: int
    process: asyncio.subprocess.Process
    said: list[str] = field(default_factory=list)
    pids: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, tuple[str, str]] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """The one origin of the five services."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def mail_url(self) -> str:
        """The mail catcher."""
        return self.addresses["Mail"]

    @property
    def secrets(self) -> dict[str, str]:
        """The keys this demo made for itself."""
        return kept_in(self.folder)

    def environment(self) -> dict[str, str]:
        """What a further process of this demo needs, e.g. verify."""
        return {
            **os.environ,
            **self.secrets,
            "PHONEBANK_ENV": "demo",
            "MONGODB_URL": self.addresses["MongoDB"],
            "KAFKA_BOOTSTRAP": self.addresses["Kafka"],
            "PUBLIC_URL": f"http://localhost:{self.port}",
        }

    def send(self, child: str, number: signal.Signals) -> int:
        """Signal a child's process of this moment; answers its pid. A dead one is left alone."""
        pid = self.pids[child]
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        return pid

    async def follow(self) -> None:
        """Read what it says until it ends."""
        assert self.process.stdout is not None  # noqa: S101 - it was started with a pipe.
        async for raw in self.process.stdout:
            line = raw.decode().rstrip()
            self.said.append(line)
            if found := _READY.match(line):
                self.pids[found[1]] = int(found[2])
            elif found := _ACCOUNT.match(line):
                self.accounts[found[1]] = (found[2], found[3])
            elif found := _ADDRESS.match(line):
                self.addresses[found[1]] = found[2]
                if found[1] == "Ready":
                    self.ready.set()


@contextlib.asynccontextmanager
async def demo_elsewhere(
    folder: Path,
    port: int,
    *,
    environment: Mapping[str, str] | None = None,
    ready_seconds: float = 120.0,
) -> AsyncIterator[Elsewhere]:
    """A demo that is ready inside, and gone with all its children after."""
    # An address that is given to us is another house's: this one brings its own parts.
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"MONGODB_URL", "KAFKA_BOOTSTRAP"} and not name.endswith("_PORT")
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.embedded.demo"),
        env={
            **inherited,
            "CALLERS": "0",  # Whoever wants them asks for them.
            "PORT": str(port),
            "DATA_DIR": str(folder),
            "KAFKA_JARS_DIR": os.environ.get("KAFKA_JARS_DIR", ""),
            **(environment or {}),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    demo = Elsewhere(folder, port, process)
    following = asyncio.create_task(demo.follow())
    waiting = asyncio.create_task(demo.ready.wait())
    try:
        await asyncio.wait(
            {following, waiting}, timeout=ready_seconds, return_when=asyncio.FIRST_COMPLETED
        )
        if not demo.ready.is_set():
            raise NotReady("\n".join(demo.said[-40:]))
        yield demo
    finally:
        waiting.cancel()
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        try:
            async with asyncio.timeout(_STOP_SECONDS_MAX):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        await following
