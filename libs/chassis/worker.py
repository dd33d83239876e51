"""A service's Kafka side: one Faust app that feeds its views and policies; in doubt it dies."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import faust
import httpx
import structlog
import uvloop
from aiokafka.errors import KafkaError
from prometheus_client import start_http_server
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.chassis.clock import Now, server_clock
from libs.chassis.gathering import Gathering, Pace
from libs.chassis.logging import configure_logging
from libs.chassis.memory import settle_memory
from libs.chassis.problems import Unavailable
from libs.chassis.record_runs import Finished, Run, RunTransport
from libs.chassis.settings import Settings
from libs.database import Database, connect
from libs.events.base import Event
from libs.eventstore.mongo import MongoLog
from libs.eventstore.store import Log, StreamMoved
from libs.views.intake import Intake, Reading, Runner
from libs.views.parking import Parking
from libs.views.patience import is_transient, patiently
from libs.views.progress import Progress
from libs.views.reactions import PolicyRunner
from libs.views.readiness import Readiness
from libs.views.rebuild import rebuild_from_topics
from libs.views.runner import ViewRunner
from libs.views.topics import Topics
from libs.views.view import Policy, View

# Facts about one voter that come soon after each other make one write; where somebody watches or
# waits they gather for less time, and for policies least.
PACE = {
    "views": Pace(seconds=0.8, rounds_max=3),
    "live views": Pace(seconds=0.2),
    "policies": Pace(seconds=0.1),
}
STOP_SECONDS_MAX = 8.0
EXIT_BROKEN = 70

Policies = Callable[[Log, Database, Now], Sequence[Policy]]

log = structlog.get_logger()


class WorkerSettings(BaseSettings):
    """What only a worker's process asks the environment for.

    SLOT_ID makes its Kafka membership static: set it only where a supervisor owns the slot and
    never runs two processes in one. WORKER_METRICS_PORT serves Prometheus metrics.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    slot_id: str = ""
    worker_metrics_port: int | None = None
    worker_metrics_host: str = "127.0.0.1"


def group_of(service: str, settings: Settings) -> str:
    """The consumer group of a service's workers."""
    return f"{settings.database_prefix}-{settings.topic_prefix}{service}"


def topics_of(listens: Iterable[type[Event]], settings: Settings) -> frozenset[str]:
    """The topics of these facts: a type names its publisher before the dot."""
    return frozenset(settings.topic(event.TYPE.partition(".")[0]) for event in listens)


def run_worker(
    service: str,
    settings: Settings,
    *,
    views: Sequence[View],
    live: tuple[type, ...] = (),
    policies: Policies | None = None,
) -> NoReturn:
    """Fold and react until SIGTERM; never returns.

    `live` are the classes of those views that somebody waits for: for them, facts gather for less
    time.

    The exit code is 0 after SIGTERM or SIGINT, and 70 after anything the worker cannot get over
    by itself: then it is to be started again, and loses and doubles nothing by that.
    """
    configure_logging(service, settings.log_level)
    uvloop.run(_until_stopped(_Worker(service, settings, views, live, policies)))
    raise AssertionError("unreachable: the process has ended")


async def _until_stopped(worker: "_Worker") -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    running = asyncio.create_task(worker.run(), name="worker")
    stopping = asyncio.create_task(stop.wait(), name="stop signal")
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        _end_broken(running.exception() or RuntimeError("the Faust app stopped by itself"))
    running.cancel()
    await asyncio.wait({running}, timeout=STOP_SECONDS_MAX)
    _end(0)


def _end_broken(error: BaseException) -> NoReturn:
    log.critical("worker ends", exc_info=error)
    _end(EXIT_BROKEN)


def _end(code: int) -> NoReturn:
    """End now: Faust's threads do not hold the process up, and nothing more is acknowledged."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _kafka_passes(error: BaseException) -> bool:
    return isinstance(error, (KafkaError, OSError))


def reaction_passes(error: BaseException) -> bool:
    """What a policy may run into through no fault of the fact: a race, a service that is away."""
    passing = (StreamMoved, Unavailable, httpx.TransportError, OSError, TimeoutError)
    return is_transient(error) or isinstance(error, passing)


class _Worker:
    def __init__(
        self,
        service: str,
        settings: Settings,
        views: Sequence[View],
        live: tuple[type, ...],
        policies: Policies | None,
    ) -> None:
        self._service = service
        self._settings = settings
        self._worker_settings = WorkerSettings()
        self._views = views
        self._live = live
        self._make_policies = policies
        self._now = server_clock(settings.clock_offset_seconds)
        self._topics = Topics(settings.kafka_bootstrap)
        self._intakes: list[Intake] = []

    async def run(self) -> None:
        """Prepare, rebuild what is not complete, then fold until cancelled or broken."""
        client = connect(self._settings.mongodb_url, retry_writes=False)
        database = client[self._settings.database(self._service)]
        parking = Parking(database, self._now)
        await parking.prepare()
        if self._worker_settings.worker_metrics_port is not None:
            start_http_server(
                self._worker_settings.worker_metrics_port,
                addr=self._worker_settings.worker_metrics_host,
            )
        viewing = [ViewRunner(view, database, parking, self._now) for view in self._views]
        reacting = [
            PolicyRunner(policy, parking, self._now, passes=reaction_passes)
            for policy in await self._policies(database)
        ]
        readiness = Readiness(database, self._now)
        await self._make_ready(viewing, reacting, readiness)
        progress = Progress(
            database, [each.name for each in viewing] + [each.name for each in reacting]
        )
        await progress.refresh()
        app = self._app()
        agents: Mapping[str, Sequence[Runner]] = {
            "live views": [each for each in viewing if isinstance(each.view, self._live)],
            "views": [each for each in viewing if not isinstance(each.view, self._live)],
            "policies": reacting,
        }
        reading = Reading()
        for kind, runners in agents.items():
            take_in = Intake(runners, parking, progress, self._topics.reread, reading)
            self._subscribe(app, kind, runners, take_in)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(parking.keep_fresh())
                tasks.create_task(progress.keep_saved())
                tasks.create_task(readiness.watch())
                tasks.create_task(_run_faust(app))
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_SECONDS_MAX / 2):
                    await progress.close()

    async def _policies(self, database: Database) -> Sequence[Policy]:
        if self._make_policies is None:
            return ()
        own = MongoLog(database, self._settings.topic(self._service), self._settings.partitions)
        await patiently(own.prepare, asking="log")
        return self._make_policies(own, database, self._now)

    async def _make_ready(
        self,
        viewing: Sequence[ViewRunner],
        reacting: Sequence[PolicyRunner],
        readiness: Readiness,
    ) -> None:
        """Wait for the topics, then build the views that are new or were dropped."""
        listens = [event for runner in viewing for event in runner.view.listens]
        listens += [event for runner in reacting for event in runner.policy.listens]
        names = topics_of(listens, self._settings)
        await patiently(
            lambda: self._topics.partitions(names), asking="Kafka", passes=_kafka_passes
        )
        for runner in viewing:
            ready = await readiness.open(runner.name)
            await runner.prepare()
            if not ready:
                await self._rebuild(runner, readiness)

    async def _rebuild(self, runner: ViewRunner, readiness: Readiness) -> None:
        names = topics_of(runner.view.listens, self._settings)
        await patiently(
            lambda: rebuild_from_topics(runner, self._topics, names, readiness),
            asking=f"rebuild of {runner.name}",
            passes=_kafka_passes,
        )

    def _app(self) -> Any:
        slot = self._worker_settings.slot_id
        group = group_of(self._service, self._settings)
        app = faust.App(
            group,
            broker=f"kafka://{self._settings.kafka_bootstrap.replace(',', ';')}",
            store="memory://",
            datadir=str(
                Path(tempfile.gettempdir()) / "phonebank-faust"
            ),  # It makes one in any case.
            autodiscover=False,
            processing_guarantee="at_least_once",
            key_serializer="raw",
            value_serializer="raw",
            topic_allow_declare=False,
            topic_disable_leader=True,
            table_standby_replicas=0,
            consumer_auto_offset_reset="earliest",
            consumer_group_instance_id=f"{group}-{slot}" if slot else None,
            broker_session_timeout=15,
            broker_heartbeat_interval=3,
            broker_rebalance_timeout=30,
            broker_max_poll_interval=86_400,
            broker_commit_interval=1.0,
            broker_commit_every=1_000,
            # Waiting would never end: of a message two agents share, one may have thrown it away.
            stream_wait_empty=False,
            consumer_max_fetch_size=512 * 1024,
            stream_buffer_maxsize=4096,  # Never reached: RunConsumer waits long before.
            producer_acks=-1,
            producer_threaded=False,
            web_enabled=False,
            worker_redirect_stdouts=False,
            agent_supervisor="mode.CrashingSupervisor",
        )

        app.transport = RunTransport(app.conf.broker_consumer, app)

        async def reassigned(*_: object, **__: object) -> None:
            app.transport.in_hand.forget()
            for intake in self._intakes:
                intake.reassigned()

        app.on_partitions_assigned.connect(reassigned, weak=False)
        return app

    def _subscribe(self, app: Any, kind: str, runners: Sequence[Runner], intake: Intake) -> None:
        """One agent for all topics, so that a row that two of them change is written once."""
        types = {wire_type for runner in runners for wire_type in runner.types}
        if not types:
            return
        topics = sorted({self._settings.topic(each.partition(".")[0]) for each in types})
        self._intakes.append(intake)
        channel = app.topic(*topics, key_serializer="raw", value_serializer="raw")
        finished: Finished = app.transport.finished
        finished.expect(kind, topics)

        async def done_with(runs: Sequence[Run]) -> None:
            await intake.take([record for run in runs for record in run.records])
            finished.note(kind, runs)

        app.agent(channel, name=kind, concurrency=1)(_agent(done_with, Gathering(PACE[kind])))


def _agent(
    done_with: Callable[[Sequence[Run]], Coroutine[Any, Any, None]], gathering: Gathering
) -> Callable[[Any], Coroutine[Any, Any, None]]:
    """What Faust acknowledges is only what it may throw away: `Finished` says what is done."""

    async def take(stream: Any) -> None:
        async with asyncio.TaskGroup() as tasks:
            folding = tasks.create_task(fold())
            async for event in stream.events():
                gathering.add(event.message)
            folding.cancel()

    async def fold() -> None:
        async for runs in gathering.batches():
            try:
                await done_with(runs)
            except Exception as error:  # noqa: BLE001 - whatever it is, the batch is not done.
                _end_broken(error)

    return take


async def _run_faust(app: Any) -> None:
    """Until cancelled (then the streams are let run empty), or until Faust crashes."""
    settle_memory()
    await app.start()
    try:
        await app.wait_until_stopped()
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS_MAX / 2):
                await app.stop()
    raise RuntimeError("Faust stopped by itself")
