"""From nothing to `Ready`, and back to nothing on Ctrl-C."""

import asyncio
import contextlib
import fcntl
import signal
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError

from deploy.embedded import keys, topics
from deploy.embedded.accounts import Accounts, SetUp
from deploy.embedded.house import callers, house, watched
from deploy.embedded.jars import WrongJar
from deploy.embedded.kafka import NotFormatted
from deploy.embedded.mongodb import NoMongod
from deploy.embedded.place import Place
from deploy.embedded.supervisor import ChildFailed, PortTaken, Say, Supervisor
from deploy.embedded.watchdog import Watchdog


class AlreadyRunning(Exception):
    """Another start uses the same folder."""


class NoKafka(Exception):
    """The Kafka of KAFKA_BOOTSTRAP could not be used."""


# What a person can mend: told in a sentence, without a traceback.
MENDABLE = (AlreadyRunning, ChildFailed, NoKafka, NoMongod, NotFormatted, PortTaken, WrongJar)


async def start(place: Place, set_up: SetUp, say: Say) -> int:
    """Run until Ctrl-C or SIGTERM; answers the exit code. A second Ctrl-C does not wait."""
    signals = Signals()
    with signals.caught():
        work = asyncio.create_task(_run(place, set_up, say, signals))
        asked = asyncio.create_task(signals.asked.wait())
        await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if not work.done():
            say("stopping ...")
            work.cancel()
        try:
            await work
        except asyncio.CancelledError:
            say("stopped; every process has ended. The data is kept in " + str(place.data))
        except MENDABLE as problem:
            say(str(problem))
            return 1
    return 0


class Signals:
    """Ctrl-C, SIGTERM and a closed terminal: the first asks to stop, the second insists."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.insist: Callable[[], None] = self.asked.set

    def _received(self) -> None:
        if self.asked.is_set():
            self.insist()
        self.asked.set()

    @contextlib.contextmanager
    def caught(self) -> Iterator[None]:
        """Catch them, even where the starting shell had them ignored."""
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for number in numbers:
            loop.add_signal_handler(number, self._received)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)


async def _run(place: Place, set_up: SetUp, say: Say, signals: Signals) -> None:
    with _alone_in(place.data):
        secrets = keys.kept_in(place.data)
        children = house(place, secrets, say)
        if place.kafka_given is not None:
            await _topics_on_given_kafka(place)
        say(f"starting {len(children)} processes ...")
        async with Supervisor(children, logs=place.logs, say=say) as supervisor:
            signals.insist = supervisor.kill_all
            await supervisor.ready()
            accounts = await _accounts(place, set_up, secrets["SETUP_TOKEN"], say)
            for line in lines(place, accounts):
                say(line)
            if place.callers:
                supervisor.add(callers(place, secrets))
            watchdog = Watchdog(place.bootstrap, watched(), supervisor, say=say)
            await _first_to_fail(watchdog.run(), supervisor.until_failure())


async def _first_to_fail(*endless: Coroutine[Any, Any, None]) -> None:
    """Run all; raise as it is what the first raises, which a task group would wrap in another."""
    tasks = [asyncio.create_task(each) for each in endless]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    for task in ended:
        task.result()


def lines(place: Place, accounts: Accounts) -> tuple[str, ...]:
    """What a person, or a load generator, needs to begin; `Ready` is the last."""
    return (
        f"Organizer: {accounts.organizer_email} / {accounts.organizer_password}",
        f"Caller: {accounts.caller_email} / {accounts.caller_password}",
        f"Kafka: {place.bootstrap}",
        f"MongoDB: {place.mongodb_url}",
        f"Mail: {place.mail_url}",
        f"Ready: {place.public_url}",
    )


async def _accounts(place: Place, set_up: SetUp, setup_token: str, say: Say) -> Accounts:
    # The embedded database stays the same when its port moves; a given one is known by its address.
    database = place.mongodb_given or "embedded"
    kept = Accounts.kept_in(place.data, database)
    if kept is not None:
        return kept
    accounts = await set_up(place.public_url, place.mail_url, setup_token, say)
    accounts.keep(place.data, database)
    return accounts


async def _topics_on_given_kafka(place: Place) -> None:
    try:
        await topics.create(place.bootstrap, topics.declared(), replication=place.kafka_replication)
    except (KafkaError, OSError) as error:
        raise NoKafka(
            f"KAFKA_BOOTSTRAP={place.bootstrap} could not be used ({error}). Start that Kafka, or"
            " unset the variable to have one started here."
        ) from error


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(
                f"Phonebank already runs from {folder}. Stop it, or choose another folder and other"
                " ports with DATA_DIR=<folder> PORT=<number>."
            ) from error
        yield
