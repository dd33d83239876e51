"""One process that relays the logs of all five services to Kafka."""

import asyncio
import contextlib
import signal

from prometheus_client import start_http_server
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.processes import SERVICES
from libs.chassis.logging import configure_logging
from libs.database import connect
from libs.eventstore.position import PARTITIONS_DEFAULT
from libs.eventstore.relay import Relay, Route, kafka_producer


class RelaySettings(BaseSettings):
    """Where the logs are and where the facts go."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    mongodb_url: str
    kafka_bootstrap: str
    database_prefix: str = "phonebank"
    topic_prefix: str = ""
    partitions: int = PARTITIONS_DEFAULT
    log_level: str = "INFO"
    relay_metrics_port: int | None = None
    relay_metrics_host: str = "127.0.0.1"
    relay_services: tuple[str, ...] = SERVICES


async def run(settings: RelaySettings) -> None:
    """Relay until SIGTERM or SIGINT."""
    configure_logging("relay", settings.log_level)
    if settings.relay_metrics_port is not None:
        start_http_server(settings.relay_metrics_port, addr=settings.relay_metrics_host)
    client = connect(settings.mongodb_url, retry_writes=False)
    routes = [
        Route(
            service,
            f"{settings.database_prefix}_{service}",
            f"{settings.topic_prefix}{service}.events",
            settings.partitions,
        )
        for service in settings.relay_services
    ]
    relay = Relay(client, routes, lambda: kafka_producer(settings.kafka_bootstrap))
    running = asyncio.create_task(relay.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running
    await client.close()


if __name__ == "__main__":
    asyncio.run(run(RelaySettings()))
