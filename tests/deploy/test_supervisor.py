"""The supervisor starts in order, starts again what ends, and leaves neither process nor port."""

import asyncio
import os
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.embedded.child import LOOPBACK, Child, Port, ready_at_once
from deploy.embedded.supervisor import Backoff, ChildFailed, PortTaken, Supervisor, layers
from tests.deploy.children import broken, deaf, in_group, serving
from tests.support.backing import embedded, eventually, free_port

SOON = Backoff(first_seconds=0.05, most_seconds=0.2)


async def test_a_killed_child_is_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    child = serving("trial", free_port())
    async with Supervisor([child], logs=tmp_path, say=said.append, backoff=SOON) as supervisor:
        await supervisor.ready()
        first = supervisor.running("trial")
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)

        async def replaced() -> bool:
            now = supervisor.running("trial")
            return now is not None and now.pid != first.pid

        await eventually(replaced, saying="the killed child has a successor")
        await supervisor.ready("trial")
    assert any(line.startswith("trial ended (signal 9)") for line in said)


async def test_stopping_frees_the_ports_and_ends_grandchildren(tmp_path: Path) -> None:
    port = free_port()
    async with embedded(serving("trial", port), logs=tmp_path) as supervisor:
        running = supervisor.running("trial")
        assert running is not None
        assert len(in_group(running.pid)) == 2
        assert Port(port, "PORT").taken()
    assert not Port(port, "PORT").taken()
    assert in_group(running.pid) == []


async def test_a_child_that_ignores_the_request_to_end_is_ended(tmp_path: Path) -> None:
    async with embedded(deaf("trial", tmp_path), logs=tmp_path) as supervisor:
        running = supervisor.running("trial")
        assert running is not None
    assert in_group(running.pid) == []


async def test_a_child_waits_for_those_it_comes_after(tmp_path: Path) -> None:
    said: list[str] = []
    first, second = free_port(), free_port()
    children = [serving("second", second, after=("first",)), serving("first", first)]
    async with Supervisor(children, logs=tmp_path, say=said.append) as supervisor:
        await supervisor.ready()
    assert [line.split()[0] for line in said] == ["first", "second"]


async def test_a_child_that_comes_later_runs_and_is_ended_with_the_others(tmp_path: Path) -> None:
    async with embedded(serving("first", free_port()), logs=tmp_path) as supervisor:
        supervisor.add(serving("guest", free_port(), after=("first",)))
        await supervisor.ready()
        guest = supervisor.running("guest")
        assert guest is not None
    assert in_group(guest.pid) == []


async def test_the_house_goes_on_without_a_child_it_does_not_need(tmp_path: Path) -> None:
    said: list[str] = []
    first = serving("first", free_port())
    async with Supervisor([first], logs=tmp_path, say=said.append, backoff=SOON) as supervisor:
        await supervisor.ready()
        supervisor.add(replace(broken("guest"), needed=False))

        async def given_up() -> bool:
            return any(line.endswith("everything else runs on") for line in said)

        await eventually(given_up, saying="the guest is given up")
        await supervisor.ready("first")
        assert supervisor.running("guest") is None


def test_those_that_others_lean_on_stop_last() -> None:
    children = [
        Child(name="web", argv=(), leans_on=("mongodb",)),
        Child(name="relay", argv=(), after=("kafka", "mongodb")),
        Child(name="kafka", argv=()),
        Child(name="mongodb", argv=()),
    ]
    assert [set(layer) for layer in layers(children)] == [{"kafka", "mongodb"}, {"web", "relay"}]


async def test_a_child_that_cannot_start_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    async with Supervisor([broken("trial")], logs=tmp_path, say=print, backoff=SOON) as supervisor:
        with pytest.raises(ChildFailed, match=r"(?s)trial ended 5 times.*cannot find my settings"):
            await supervisor.ready()


async def test_a_program_that_ends_soon_was_never_ready(tmp_path: Path) -> None:
    program = replace(broken("trial"), ready=ready_at_once, settled_seconds=5)
    async with Supervisor([program], logs=tmp_path, say=print, backoff=SOON) as supervisor:
        with pytest.raises(ChildFailed, match="trial ended 5 times"):
            await supervisor.ready()


async def test_a_taken_port_is_named_with_the_variable_that_moves_it(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port}.*trial.*TRIAL_PORT=<number>"):
            async with Supervisor([serving("trial", port)], logs=tmp_path, say=print):
                pytest.fail("it started beside another program on its port")


def test_the_pause_before_a_new_start_doubles_up_to_a_limit_and_health_resets_it() -> None:
    backoff = Backoff(first_seconds=1, most_seconds=8, healthy_seconds=60)
    assert [backoff.delay_seconds(ends) for ends in (1, 2, 3, 4, 5)] == [1, 2, 4, 8, 8]
    assert backoff.ends_in_a_row(4, lived_seconds=59) == 5
    assert backoff.ends_in_a_row(4, lived_seconds=60) == 1


_SUPERVISES = """
import asyncio, sys
from pathlib import Path
from deploy.embedded.supervisor import Supervisor
from tests.deploy.children import serving

async def main():
    children = [serving("trial", int(sys.argv[1]))]
    async with Supervisor(children, logs=Path(sys.argv[2]), say=print) as supervisor:
        await supervisor.ready()
        print("pid", supervisor.running("trial").pid, flush=True)
        await supervisor.until_failure()

asyncio.run(main())
"""


@pytest.mark.chaos
async def test_nothing_survives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    port = free_port()
    supervisor = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _SUPERVISES, str(port), str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert supervisor.stdout is not None
    lines = iter([await supervisor.stdout.readline(), await supervisor.stdout.readline()])
    child = next(int(line.split()[1]) for line in lines if line.startswith(b"pid"))
    assert Port(port, "PORT").taken()
    supervisor.kill()
    await supervisor.wait()

    async def gone() -> bool:
        return child not in in_group(child) and not Port(port, "PORT").taken()

    await eventually(gone, saying="the child of a killed supervisor has ended and freed its port")
    for orphan in in_group(child):
        os.kill(
            orphan, signal.SIGKILL
        )  # Our trial program's own child, which asked for no such end.
