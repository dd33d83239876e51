"""A real Kafka and a real MongoDB for tests that ask for one, whatever the machine has.

The addresses in the environment come first, then Docker through testcontainers, then the embedded
parts. There is always one, so nothing is ever skipped.
"""

import asyncio
import atexit
import contextlib
import fcntl
import os
import socket
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TextIO, TypeVar

import docker
import pytest
import pytest_asyncio
from docker.errors import DockerException
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from deploy.embedded.child import Child, Port
from deploy.embedded.kafka import JARS, Kafka
from deploy.embedded.mongodb import MongoDB
from deploy.embedded.supervisor import Supervisor

KAFKA_IMAGE = "apache/kafka:4.1.0"
MONGODB_IMAGE = "mongo:8.0"
_DOCKER_SOCKET = "/var/run/docker.sock"
_POLL_SECONDS = 0.05
_CONTAINER_SECONDS_MAX = 180.0

Seen = TypeVar("Seen")


async def eventually(
    check: Callable[[], Awaitable[Seen]], *, deadline_seconds: float = 30.0, saying: str
) -> Seen:
    """Ask `check` until its answer is true, and answer that.

    An `AssertionError` inside `check` counts as not yet. At the deadline the test fails with
    `saying` and with what was seen last.
    """
    end = time.monotonic() + deadline_seconds
    while True:
        last: object
        try:
            last = seen = await check()
            if seen:
                return seen
        except AssertionError as error:
            last = error
        if time.monotonic() >= end:
            pytest.fail(f"{saying}: not within {deadline_seconds:g} s; last seen: {last!r}")
        await asyncio.sleep(_POLL_SECONDS)


def free_port() -> int:
    """A port on which nothing listens, and that no other test session on this machine is given.

    It is below those the system hands out by itself, so that another program's outgoing connection
    does not take it before we do. It is ours until this process ends, however it ends.
    """
    for number in range(20_000, 32_000):
        if number not in _ours and not Port(number, "PORT").taken() and _reserve(number):
            return number
    raise RuntimeError("no port is free from 20000 to 32000")


_ours: dict[int, TextIO] = {}


def _reserve(number: int) -> bool:
    file = Path(tempfile.gettempdir()) / "phonebank-ports" / str(number)
    file.parent.mkdir(exist_ok=True)
    reservation = file.open("w")
    try:
        fcntl.flock(reservation, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        reservation.close()
        return False
    _ours[number] = reservation
    return True


@atexit.register
def _give_ports_back() -> None:
    for reservation in _ours.values():
        reservation.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def mongodb_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a replica set."""
    if given := os.environ.get("MONGODB_URL"):
        yield given
        return
    folder = tmp_path_factory.mktemp("mongodb")
    mongodb = MongoDB(port=free_port(), folder=folder, oplog_mb=256)
    async with _either(
        MONGODB_IMAGE,
        lambda: _mongodb_container(mongodb),
        mongodb.is_primary,
        mongodb.child(),
        folder,
    ):
        yield mongodb.url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def kafka_bootstrap(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a broker without topics; `deploy.embedded.topics.create` makes them."""
    if given := os.environ.get("KAFKA_BOOTSTRAP"):
        yield given
        return
    folder = tmp_path_factory.mktemp("kafka")
    kafka = embedded_kafka(folder)
    async with _either(
        KAFKA_IMAGE,
        lambda: _kafka_container(kafka),
        kafka.answers,
        kafka.child(print),
        folder,
    ):
        yield kafka.bootstrap


@pytest.fixture
def database_prefix(request: pytest.FixtureRequest) -> str:
    """A name no other test has, for `<prefix>_<service>` databases."""
    return _unique(request)


@pytest.fixture
def topic_prefix(request: pytest.FixtureRequest) -> str:
    """A name no other test has, for `<prefix><service>.events` topics and consumer groups."""
    return f"{_unique(request)}."


def embedded_kafka(folder: Path) -> Kafka:
    """A broker on free ports, its jars those of the checkout."""
    return Kafka(
        port=free_port(),
        controller_port=free_port(),
        folder=folder,
        jars_folder=Path(os.environ.get("KAFKA_JARS_DIR") or JARS),
    )


@contextlib.asynccontextmanager
async def embedded(*children: Child, logs: Path) -> AsyncIterator[Supervisor]:
    """Children that are ready inside; one that is killed is started again."""
    async with Supervisor(children, logs=logs, say=print) as supervisor:
        await supervisor.ready()
        yield supervisor


def _unique(request: pytest.FixtureRequest) -> str:
    # MongoDB's names of databases end at 63 bytes, so the test's own name is cut.
    readable = "".join(letter for letter in request.node.name if letter.isalnum())[:24].lower()
    return f"t{uuid.uuid4().hex[:8]}{readable}"


@contextlib.asynccontextmanager
async def _either(
    image: str,
    container: Callable[[], DockerContainer],
    ready: Callable[[], Awaitable[bool]],
    child: Child,
    folder: Path,
) -> AsyncIterator[None]:
    """The container where Docker has its image, the embedded child otherwise."""
    if not _docker_has(image):
        async with embedded(child, logs=folder / "logs"):
            yield
        return
    # Containers are ended here; testcontainers' own reaper would need one more image.
    testcontainers_config.ryuk_disabled = True
    with container():
        await eventually(
            ready, deadline_seconds=_CONTAINER_SECONDS_MAX, saying=f"{image} in Docker answers"
        )
        yield


def _docker_has(image: str) -> bool:
    """Whether a Docker engine answers and has the image, or can fetch it."""
    if "DOCKER_HOST" not in os.environ and not _answers(_DOCKER_SOCKET):
        return False  # docker-py would leave a socket open behind its refusal.
    try:
        with contextlib.closing(docker.from_env(timeout=5)) as engine:
            engine.ping()
            if not engine.images.list(name=image):
                engine.images.pull(image)
    except DockerException:
        return False
    return True


def _answers(door: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(door) == 0


def _mongodb_container(mongodb: MongoDB) -> DockerContainer:
    """It listens inside on the port it has outside, for clients are told its member's address."""
    return (
        DockerContainer(MONGODB_IMAGE)
        .with_bind_ports(mongodb.port, mongodb.port)
        .with_command(f"--replSet rs0 --bind_ip_all --port {mongodb.port}")
    )


def _kafka_container(kafka: Kafka) -> DockerContainer:
    return (
        DockerContainer(KAFKA_IMAGE)
        .with_bind_ports(kafka.port, kafka.port)
        .with_envs(
            KAFKA_NODE_ID="1",
            KAFKA_PROCESS_ROLES="broker,controller",
            KAFKA_CONTROLLER_QUORUM_VOTERS="1@localhost:9093",
            KAFKA_LISTENERS=f"BROKER://:{kafka.port},CONTROLLER://:9093",
            KAFKA_ADVERTISED_LISTENERS=f"BROKER://{kafka.bootstrap}",
            KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
            KAFKA_INTER_BROKER_LISTENER_NAME="BROKER",
            KAFKA_CONTROLLER_LISTENER_NAMES="CONTROLLER",
            KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR="1",
            KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR="1",
            KAFKA_TRANSACTION_STATE_LOG_MIN_ISR="1",
            KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS="0",
            KAFKA_AUTO_CREATE_TOPICS_ENABLE="false",
        )
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for a real part is `real`, so that nobody has to remember the mark."""
    for item in items:
        if {"mongodb_url", "kafka_bootstrap"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.real)
