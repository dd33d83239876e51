"""Where this checkout's Phonebank lives: its ports, its folder, which parts are given."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from deploy.demo.callers import CALLERS_DEFAULT, CALLERS_MAX
from deploy.embedded.child import LOOPBACK
from deploy.embedded.kafka import JARS, Kafka
from deploy.embedded.mongodb import MongoDB

CHECKOUT = Path(__file__).parents[2]
PORT_MAX = 65_535


class Unusable(Exception):
    """A setting in the environment makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The environment, read once. Every port follows PORT unless it is set by itself.

    `kafka_given` and `mongodb_given` are the addresses from the environment that win over the
    embedded parts; None when the embedded part is to run. `callers` is how many made-up people
    work the practice phone bank.
    """

    port: int
    kafka_port: int
    kafka_controller_port: int
    mongodb_port: int
    smtp_port: int
    mail_port: int
    data: Path
    jars: Path
    kafka_given: str | None
    kafka_replication: int
    mongodb_given: str | None
    callers: int

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Raises `Unusable` with the variable's name when a value is no such number."""
        port = _number(environ, "PORT", 8000)
        return cls(
            port=port,
            kafka_port=_number(environ, "KAFKA_PORT", port + 1),
            kafka_controller_port=_number(environ, "KAFKA_CONTROLLER_PORT", port + 2),
            mongodb_port=_number(environ, "MONGODB_PORT", port + 3),
            smtp_port=_number(environ, "SMTP_PORT", port + 4),
            mail_port=_number(environ, "MAIL_PORT", port + 5),
            data=Path(environ.get("DATA_DIR") or CHECKOUT / ".data").resolve(),
            jars=Path(environ.get("KAFKA_JARS_DIR") or JARS).resolve(),
            kafka_given=environ.get("KAFKA_BOOTSTRAP") or None,
            kafka_replication=_number(environ, "KAFKA_REPLICATION", 1),
            mongodb_given=environ.get("MONGODB_URL") or None,
            callers=_number(environ, "CALLERS", CALLERS_DEFAULT, least=0, most=CALLERS_MAX),
        )

    @property
    def kafka(self) -> Kafka:
        """The embedded broker, whether it is to run or not."""
        return Kafka(
            port=self.kafka_port,
            controller_port=self.kafka_controller_port,
            folder=self.data / "kafka",
            jars_folder=self.jars,
        )

    @property
    def mongodb(self) -> MongoDB:
        """The embedded database, whether it is to run or not."""
        return MongoDB(port=self.mongodb_port, folder=self.data / "mongodb")

    @property
    def bootstrap(self) -> str:
        """Kafka's address, given or embedded."""
        return self.kafka_given or self.kafka.bootstrap

    @property
    def mongodb_url(self) -> str:
        """MongoDB's address, given or embedded."""
        return self.mongodb_given or self.mongodb.url

    @property
    def public_url(self) -> str:
        """What people open."""
        return f"http://localhost:{self.port}"

    @property
    def mail_url(self) -> str:
        """Where the caught mail can be read."""
        return f"http://localhost:{self.mail_port}"

    @property
    def smtp_host(self) -> str:
        """Where the services send their mail to."""
        return LOOPBACK

    @property
    def logs(self) -> Path:
        """One file a child."""
        return self.data / "logs"


def _number(
    environ: Mapping[str, str], name: str, otherwise: int, *, least: int = 1, most: int = PORT_MAX
) -> int:
    text = environ.get(name) or str(otherwise)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise Unusable(f"{name}={text} is not usable: give a whole number from {least} to {most}.")
    return int(text)
