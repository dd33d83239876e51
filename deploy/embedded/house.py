"""The children of the demo: every process of Phonebank, what it needs, and when it is ready."""

import sys
from collections.abc import Mapping
from dataclasses import replace

import httpx

from deploy import processes
from deploy.embedded import topics
from deploy.embedded.child import LOOPBACK, Child, Port
from deploy.embedded.place import Place
from deploy.embedded.supervisor import Say
from deploy.embedded.watchdog import Watched
from deploy.processes import SERVICES

_ANSWER_SECONDS_MAX = 3.0
# A program that cannot start ends sooner than this.
_SETTLED_SECONDS = 2.0


def house(place: Place, secrets: Mapping[str, str], say: Say) -> tuple[Child, ...]:
    """All children; an embedded part is left out when the environment gave its address."""
    env = environment(place, secrets)
    parts = []
    if place.kafka_given is None:
        parts.append(_kafka_with_topics(place, say))
    if place.mongodb_given is None:
        parts.append(place.mongodb.child())
    running = {part.name for part in parts}
    return (*parts, *(_among(running, child) for child in _programs(place, env)))


def callers(place: Place, secrets: Mapping[str, str]) -> Child:
    """The made-up people who call; they come when the house is set up, and may fail alone."""
    env = {**environment(place, secrets), "CALLERS": str(place.callers)}
    child = _python("callers", "deploy.demo.callers", env, after=("web",))
    # People who try the demo, and everything that serves them, come first.
    return replace(child, argv=("nice", "-n", "10", *child.argv), needed=False)


def watched() -> tuple[Watched, ...]:
    """The workers, for the watchdog."""
    return tuple(
        Watched(
            child=f"worker-{service}",
            group=processes.group(service),
            topics=processes.topics(service),
        )
        for service in SERVICES
    )


def environment(place: Place, secrets: Mapping[str, str]) -> dict[str, str]:
    """What every process of the demo finds in its environment."""
    return {
        "PHONEBANK_ENV": "demo",
        "PORT": str(place.port),
        "PUBLIC_URL": place.public_url,
        "KAFKA_BOOTSTRAP": place.bootstrap,
        "MONGODB_URL": place.mongodb_url,
        "SMTP_HOST": place.smtp_host,
        "SMTP_PORT": str(place.smtp_port),
        "MAIL_PORT": str(place.mail_port),
        "MAIL_URL": place.mail_url,
        "DATA_DIR": str(place.data),
        "DATABASE_PREFIX": processes.DATABASE_PREFIX,
        "TOPIC_PREFIX": "",
        **secrets,
    }


def _kafka_with_topics(place: Place, say: Say) -> Child:
    """Kafka is ready when its topics are there, so nobody who waits for it can miss one."""

    async def ready() -> bool:
        if not await place.kafka.answers():
            return False
        await topics.create(place.bootstrap, topics.declared())
        return True

    return replace(place.kafka.child(say), ready=ready)


def _programs(place: Place, env: Mapping[str, str]) -> tuple[Child, ...]:
    bus = ("mongodb", "kafka")
    return (
        _mailcatcher(place, env),
        _web(place, env),
        _program("relay", env, after=bus),
        *(
            # One process a slot, which its supervisor owns: it rejoins its group without a pause.
            _giving_way(
                _python(
                    f"worker-{service}",
                    f"services.{service}.worker",
                    {**env, "SLOT_ID": "0"},
                    after=bus,
                )
            )
            for service in SERVICES
        ),
        _program("clock", env, after=("mongodb",)),
        _program("mailer", env, after=("mongodb", "mailcatcher")),
        _program("importer", env, after=("mongodb",)),
    )


def _program(name: str, env: Mapping[str, str], *, after: tuple[str, ...]) -> Child:
    return _python(name, processes.PROGRAMS[name], env, after=after)


def _python(name: str, module: str, env: Mapping[str, str], *, after: tuple[str, ...]) -> Child:
    return Child(
        name=name,
        argv=(sys.executable, "-m", module),
        env=env,
        after=after,
        settled_seconds=_SETTLED_SECONDS,
    )


def _giving_way(child: Child) -> Child:
    """Where cores are scarce callers come first: a worker that waits takes larger batches.

    Not so the one behind the dashboards, which people watch.
    """
    if child.name == "worker-gotv":
        return child
    return replace(child, argv=("nice", "-n", "5", *child.argv))


def _web(place: Place, env: Mapping[str, str]) -> Child:
    urls = [f"http://{LOOPBACK}:{place.port}/{service}/readyz" for service in SERVICES]
    return Child(
        name="web",
        argv=(
            *(sys.executable, "-m", "uvicorn", "--factory", "deploy.embedded.web:create_web"),
            *("--host", LOOPBACK, "--port", str(place.port)),
            *("--loop", "uvloop", "--http", "httptools", "--no-access-log"),
            # A page that watches a live stream would otherwise hold up the stop.
            *("--timeout-graceful-shutdown", "3"),
        ),
        env=env,
        ports=(Port(place.port, "PORT"),),
        leans_on=("mongodb",),
        ready=lambda: _all_answer(urls),
    )


def _mailcatcher(place: Place, env: Mapping[str, str]) -> Child:
    url = f"http://{LOOPBACK}:{place.mail_port}/messages"
    return Child(
        name="mailcatcher",
        argv=(sys.executable, "-m", "deploy.embedded.mailcatcher"),
        env=env,
        ports=(Port(place.smtp_port, "SMTP_PORT"), Port(place.mail_port, "MAIL_PORT")),
        ready=lambda: _all_answer([url]),
    )


def _among(running: set[str], child: Child) -> Child:
    """Nobody waits for Kafka or MongoDB when they are somebody else's."""
    somebody_elses = {"kafka", "mongodb"} - running
    return replace(
        child,
        after=tuple(name for name in child.after if name not in somebody_elses),
        leans_on=tuple(name for name in child.leans_on if name not in somebody_elses),
    )


async def _all_answer(urls: list[str]) -> bool:
    """Whether each answers 200."""
    async with httpx.AsyncClient(timeout=_ANSWER_SECONDS_MAX, trust_env=False) as client:
        try:
            return all([(await client.get(url)).is_success for url in urls])
        except httpx.HTTPError:
            return False
