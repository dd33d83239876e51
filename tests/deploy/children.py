"""Small real programs for the supervisor to run, as one would run a service."""

import sys
from pathlib import Path

import psutil

from deploy.embedded.child import LOOPBACK, Child, Port

_SERVES = f"""
import os, pathlib, socket, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
listener = socket.create_server(("{LOOPBACK}", int(os.environ["TRIAL_PORT"])))
print("serving", flush=True)
while True:
    listener.accept()[0].close()
"""
_IGNORES_TERM = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
_ENDS_AT_ONCE = "import sys; print('I cannot find my settings'); sys.exit(3)"


def serving(name: str, port: int, *, after: tuple[str, ...] = ()) -> Child:
    """Listens on `port`, and has a child of its own, as a program may."""
    return Child(
        name=name,
        argv=(sys.executable, "-c", _SERVES),
        env={"TRIAL_PORT": str(port)},
        ports=(Port(port, "TRIAL_PORT"),),
        after=after,
        ready=lambda: _listens(port),
    )


def deaf(name: str, logs: Path) -> Child:
    """Does not end when asked to."""

    async def ready() -> bool:
        return "deaf" in (logs / f"{name}.log").read_text(encoding="utf-8")

    return Child(
        name=name, argv=(sys.executable, "-c", _IGNORES_TERM), ready=ready, stop_within_seconds=0.3
    )


def broken(name: str) -> Child:
    """Ends as soon as it starts, and is never ready."""

    async def never() -> bool:
        return False

    return Child(name=name, argv=(sys.executable, "-c", _ENDS_AT_ONCE), ready=never)


def in_group(group: int) -> list[int]:
    """The processes that still live in a process group."""
    return [
        process.pid
        for process in psutil.process_iter(["pid", "status"])
        if process.info["status"] != psutil.STATUS_ZOMBIE and _group(process.pid) == group
    ]


def _group(pid: int) -> int | None:
    try:
        return int(
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[2]
        )
    except OSError:
        return None


async def _listens(port: int) -> bool:
    return Port(port, "TRIAL_PORT").taken()
