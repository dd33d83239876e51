"""Starts the children in order, starts again the ones that end, and leaves nothing behind."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from deploy.embedded.child import Child, Port, Running, last_lines

_POLL_SECONDS = 0.1
_ENDS_BEFORE_READY_MAX = 5

Say = Callable[[str], None]


class PortTaken(Exception):
    """A port that a child needs is in use by another program."""


class ChildFailed(Exception):
    """A child could not be brought to readiness at all."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before a child that ended is started again."""

    first_seconds: float = 0.5
    most_seconds: float = 30.0
    healthy_seconds: float = 60.0

    def delay_seconds(self, ends_in_a_row: int) -> float:
        """Doubles with every end in a row."""
        return min(self.first_seconds * 2.0 ** (ends_in_a_row - 1), self.most_seconds)

    def ends_in_a_row(self, before: int, lived_seconds: float) -> int:
        """A life long enough to be called healthy starts the count anew."""
        return 1 if lived_seconds >= self.healthy_seconds else before + 1


@dataclass(slots=True)
class _Post:
    """A child's place in the supervisor: its process now, and what keeps it there."""

    child: Child
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    keeper: asyncio.Task[None] | None = None
    running: Running | None = None
    ends_in_a_row: int = 0
    was_ready: bool = False


class Supervisor:
    """`async with Supervisor(children, logs=…)`: running inside, all ended and ports free after.

    Children start as soon as those they come `after` are ready, and stop in the opposite order.
    """

    def __init__(
        self, children: Iterable[Child], *, logs: Path, say: Say, backoff: Backoff | None = None
    ) -> None:
        self._posts = {child.name: _Post(child) for child in children}
        self._logs = logs
        self._say = say
        self._backoff = backoff or Backoff()
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Self:
        """Check every port first, so that a taken one stops us before anything runs."""
        refuse_taken_ports([post.child for post in self._posts.values()])
        for post in self._posts.values():
            post.keeper = asyncio.create_task(self._keep(post), name=f"keep {post.child.name}")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop layer by layer, whatever happened inside."""
        for names in reversed(layers([post.child for post in self._posts.values()])):
            await asyncio.gather(*(self._end(self._posts[name]) for name in names))
        if self._failure.done():
            self._failure.exception()
        self._failure.cancel()

    def add(self, child: Child) -> None:
        """One more child, while the others run; it stops before those it comes `after`."""
        refuse_taken_ports([child])
        post = self._posts[child.name] = _Post(child)
        post.keeper = asyncio.create_task(self._keep(post), name=f"keep {child.name}")

    async def ready(self, *names: str) -> None:
        """Return when the named children (all, if none is named) are ready.

        Raises `ChildFailed` with the end of a child's log when one cannot be brought up.
        """
        posts = [self._posts[name] for name in names or self._posts]

        async def all_ready() -> None:
            for post in posts:
                await post.ready.wait()

        waiting = asyncio.create_task(all_ready())
        either: set[asyncio.Future[Any]] = {waiting, self._failure}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if self._failure.done():
            self._failure.result()

    async def until_failure(self) -> None:
        """Return never, unless a child cannot be brought up: then raise as `ready` does."""
        await asyncio.shield(self._failure)

    def running(self, name: str) -> Running | None:
        """The child's process of this moment; None while there is none."""
        return self._posts[name].running

    def kill(self, name: str) -> None:
        """End a child at once (kill -9); it is started again like one that ended by itself."""
        running = self.running(name)
        if running is not None:
            running.kill()

    def kill_all(self) -> None:
        """End everything at once (kill -9), for somebody who will not wait for an orderly stop."""
        for name in self._posts:
            self.kill(name)

    async def _keep(self, post: _Post) -> None:
        try:
            for name in post.child.after:
                await self._posts[name].ready.wait()
            await post.child.prepare()
            while True:
                await self._live_once(post)
        except Exception as error:  # noqa: BLE001  whatever it was, the one who waits must hear it
            self._fail(post, error)

    async def _live_once(self, post: _Post) -> None:
        name = post.child.name
        running = post.running = await Running.spawn(post.child, self._logs)
        watch = asyncio.create_task(self._watch_readiness(post, running))
        try:
            code = await running.wait()
        finally:
            watch.cancel()
            post.ready.clear()
        post.running = None
        lived_seconds = time.monotonic() - running.started_seconds
        post.ends_in_a_row = self._backoff.ends_in_a_row(post.ends_in_a_row, lived_seconds)
        if not post.was_ready and post.ends_in_a_row >= _ENDS_BEFORE_READY_MAX:
            raise ChildFailed(self._sentence(name, f"ended {post.ends_in_a_row} times in a row"))
        delay_seconds = self._backoff.delay_seconds(post.ends_in_a_row)
        self._say(
            f"{name} ended ({_manner(code)}) after {lived_seconds:.0f} s; it starts again in"
            f" {delay_seconds:g} s. Its log: {self._logs / name}.log"
        )
        await asyncio.sleep(delay_seconds)

    async def _watch_readiness(self, post: _Post, running: Running) -> None:
        child = post.child
        try:
            async with asyncio.timeout(child.ready_within_seconds):
                while not await child.ready():  # noqa: ASYNC110  another process has no event
                    await asyncio.sleep(_POLL_SECONDS)
                lived_seconds = time.monotonic() - running.started_seconds
                await asyncio.sleep(child.settled_seconds - lived_seconds)
        except TimeoutError:
            late = f"was not ready after {child.ready_within_seconds:g} s"
            if not post.was_ready:
                self._fail(post, ChildFailed(self._sentence(child.name, late)))
            self._say(f"{child.name} {late} and is started anew")
            running.kill()
            return
        except Exception as error:  # noqa: BLE001  a broken readiness check must not hang the start
            self._fail(post, error)
            return
        took_seconds = time.monotonic() - running.started_seconds
        if running.alive:
            post.was_ready = True
            post.ready.set()
            self._say(f"{child.name} is ready ({took_seconds:.1f} s, pid {running.pid})")

    async def _end(self, post: _Post) -> None:
        if post.keeper is not None:
            post.keeper.cancel()
            await asyncio.wait({post.keeper})
        if post.running is not None:
            await post.running.stop()

    def _fail(self, post: _Post, error: Exception) -> None:
        if not post.child.needed:
            self._say(f"{error}\n{post.child.name} is given up; everything else runs on")
        elif not self._failure.done():
            self._failure.set_exception(error)

    def _sentence(self, name: str, what: str) -> str:
        tail = last_lines(name, self._logs)
        return f"{name} {what}. The end of its log ({self._logs / name}.log):\n{tail}"


def layers(children: Sequence[Child]) -> list[tuple[str, ...]]:
    """The children's names, those that others lean on first; a layer may stop all at once."""
    sorter = TopologicalSorter({child.name: (*child.after, *child.leans_on) for child in children})
    sorter.prepare()
    found = []
    while sorter.is_active():
        layer = sorter.get_ready()
        found.append(layer)
        sorter.done(*layer)
    return found


def refuse_taken_ports(children: Iterable[Child]) -> None:
    """Raise `PortTaken` with every port that another program holds."""
    taken = [(child, port) for child in children for port in child.ports if port.taken()]
    if taken:
        raise PortTaken("\n".join(_taken_sentence(child, port) for child, port in taken))


def _taken_sentence(child: Child, port: Port) -> str:
    return (
        f"Port {port.number}, which {child.name} needs, is taken by another program. Stop that"
        f" program, or choose another port with {port.variable}=<number>."
    )


def _manner(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}"
