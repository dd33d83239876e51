"""One child process: how it starts, how one knows that it is ready, how it ends for certain."""

import asyncio
import contextlib
import ctypes
import errno
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Self

LOOPBACK = "127.0.0.1"
_LOG_BYTES_MAX = 10_000_000
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


async def nothing_to_prepare() -> None:
    """For a child that needs nothing before its first start."""


async def ready_at_once() -> bool:
    """For a child that can only be seen to live on."""
    return True


@dataclass(frozen=True, slots=True)
class Port:
    """A port a child listens on, and the environment variable that moves it."""

    number: int
    variable: str

    def taken(self) -> bool:
        """Whether a program listens there now; a connection that lingers does not count."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, self.number))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return True
                raise
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """What the supervisor must know of a process.

    `prepare` runs once, before the first start and after every child named in `after` is ready.
    `leans_on` names children it can wait for by itself: it starts beside them and stops before
    them. It is ready when `ready`, asked again and again, says yes, and when it has lived for
    `settled_seconds`. `env` comes on top of our own. The house goes on without a child
    that is not `needed`.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()
    after: tuple[str, ...] = ()
    leans_on: tuple[str, ...] = ()
    prepare: Callable[[], Awaitable[None]] = nothing_to_prepare
    ready: Callable[[], Awaitable[bool]] = ready_at_once
    ready_within_seconds: float = 60.0
    settled_seconds: float = 0.0
    stop_within_seconds: float = 10.0
    needed: bool = True


class Running:
    """A child that has been started; its output goes to `<logs>/<name>.log`."""

    def __init__(self, child: Child, process: asyncio.subprocess.Process) -> None:
        self.child = child
        self.started_seconds = time.monotonic()
        self._process = process

    @classmethod
    async def spawn(cls, child: Child, logs: Path) -> Self:
        """Start `child` in a process group of its own that ends when we end, even by kill -9."""
        with _log_for(child.name, logs).open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *child.argv,
                env={**os.environ, **child.env},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=partial(_end_with, os.getpid()),
            )
        return cls(child, process)

    @property
    def pid(self) -> int:
        """The process's id, which is also its group's."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.returncode is None

    async def wait(self) -> int:
        """Its exit code, negative for a signal; what it left behind in its group is ended too."""
        code = await self._process.wait()
        self.send(signal.SIGKILL)
        return code

    def kill(self) -> None:
        """End it at once (kill -9), without a chance to tidy up."""
        self.send(signal.SIGKILL)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the whole group; one that has ended does not mind."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    async def stop(self) -> int:
        """Ask it to end, and end it when it has not after `stop_within_seconds`."""
        if self.alive:
            self.send(signal.SIGTERM)
            try:
                async with asyncio.timeout(self.child.stop_within_seconds):
                    return await self.wait()
            except TimeoutError:
                self.kill()
        return await self.wait()


def _end_with(parent: int) -> None:
    """Run in the new process: ask Linux to kill it when its parent dies.

    macOS has no such request; there a supervisor that is killed with -9 leaves its children.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # The parent died before the request was made.


def _log_for(name: str, logs: Path) -> Path:
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{name}.log"
    if log.exists() and log.stat().st_size > _LOG_BYTES_MAX:
        log.replace(logs / f"{name}.log.old")
    return log


def last_lines(name: str, logs: Path, *, lines_max: int = 12) -> str:
    """The end of a child's log, for an error message."""
    log = logs / f"{name}.log"
    if not log.exists():
        return "(it wrote nothing)"
    with log.open("rb") as content:
        content.seek(max(0, log.stat().st_size - 8192))
        text = content.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines_max:]) or "(it wrote nothing)"
