"""Live streams: one reader for all who watch the same thing, whole snapshots, encoded once."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter, Gauge
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

READ_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
CHECK_SECONDS = 3.0
SEND_SECONDS_MAX = 10.0
# Where a read is slow for once, a reader rests as long as it took, and never longer than this:
# an organizer's figures are two seconds old at most.
_REST_SECONDS_MAX = 0.5

log = structlog.get_logger()

_watchers = Gauge("phonebank_sse_watchers", "Open live streams.", ["stream"])
_readers = Gauge("phonebank_sse_readers", "Readers behind them.", ["stream"])
_dropped = Counter("phonebank_sse_dropped", "Streams ended for reading too slowly.", ["stream"])


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole state of affairs; `id` is another as soon as anything in it is."""

    id: str
    body: bytes

    def message(self) -> bytes:
        """As a server-sent event; the body holds no line break."""
        return b"id: %b\ndata: %b\n\n" % (self.id.encode(), self.body)


Read = Callable[[], Awaitable[Snapshot]]


@dataclass(slots=True)
class _Reader:
    """What is watched: how it is read, what was read last, and how many wait for more."""

    read: Read
    latest: Snapshot | None = None
    message: bytes = b""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    watchers: int = 0
    task: asyncio.Task[None] | None = None

    def tell(self, snapshot: Snapshot) -> None:
        if self.latest is None or snapshot.id != self.latest.id:
            self.latest = snapshot
            self.message = snapshot.message()
            self.changed.set()
            self.changed = asyncio.Event()


class LiveStreams:
    """The readers of this process, by what they read; one lives while somebody watches."""

    def __init__(
        self, background: asyncio.TaskGroup, *, read_seconds: float = READ_SECONDS
    ) -> None:
        self._background = background
        self._read_seconds = read_seconds
        self._readers: dict[tuple[str, str], _Reader] = {}

    def join(self, stream: str, key: str, read: Read) -> _Reader:
        """Begin to watch; the first watcher's `read` serves all."""
        reader = self._readers.get((stream, key))
        if reader is None:
            reader = self._readers[stream, key] = _Reader(read)
            reader.task = self._background.create_task(
                self._keep_reading(stream, reader), name=f"live {stream}"
            )
            _readers.labels(stream).inc()
        reader.watchers += 1
        _watchers.labels(stream).inc()
        return reader

    def leave(self, stream: str, key: str, reader: _Reader) -> None:
        """Watch no more; the last one's leaving ends the reader."""
        reader.watchers -= 1
        _watchers.labels(stream).dec()
        if reader.watchers <= 0 and self._readers.pop((stream, key), None) is reader:
            _readers.labels(stream).dec()
            if reader.task is not None:
                reader.task.cancel()

    def close(self) -> None:
        """End every reader: the process stops."""
        for reader in self._readers.values():
            reader.watchers = 0
            if reader.task is not None:
                reader.task.cancel()

    async def _keep_reading(self, stream: str, reader: _Reader) -> None:
        loop = asyncio.get_running_loop()
        # PyMongo may answer a cancellation with an error of its own: it is asked for here.
        while reader.watchers:
            started = loop.time()
            try:
                reader.tell(await reader.read())
            except Exception as error:  # noqa: BLE001 - watchers keep the last snapshot and wait.
                log.warning("live view not read", stream=stream, reason=type(error).__name__)
            took = loop.time() - started
            if reader.watchers:
                await asyncio.sleep(max(self._read_seconds - took, min(took, _REST_SECONDS_MAX)))


class EventStream(Response):
    """One watcher's answer. It ends when the watcher leaves, reads too slowly, or may no longer."""

    media_type = "text/event-stream"

    def __init__(
        self,
        streams: LiveStreams,
        stream: str,
        key: str,
        read: Read,
        *,
        may_watch: Callable[[], bool],
        last_id: str = "",
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        send_seconds_max: float = SEND_SECONDS_MAX,
    ) -> None:
        """`last_id` is the last snapshot that the watcher has; it is not sent again."""
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._streams = streams
        self._stream = stream
        self._key = key
        self._read = read
        self._may_watch = may_watch
        self._last_id = last_id
        self._heartbeat_seconds = heartbeat_seconds
        self._send_seconds_max = send_seconds_max

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        reader = self._streams.join(self._stream, self._key, self._read)
        leaving = asyncio.create_task(_left(receive))
        sending = asyncio.create_task(self._send_all(reader, send))
        try:
            await asyncio.wait({leaving, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._streams.leave(self._stream, self._key, reader)
            for task in (leaving, sending):
                task.cancel()
            await asyncio.gather(leaving, sending, return_exceptions=True)
        if sending.done() and not sending.cancelled() and sending.exception() is not None:
            log.info("live stream ended", reason=type(sending.exception()).__name__)

    async def _send_all(self, reader: _Reader, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await self._send(send, b"retry: 2000\n\n")
        sent_id = self._last_id
        clock = asyncio.get_running_loop().time
        sent_at = clock()
        while self._may_watch():
            changed = reader.changed
            latest = reader.latest
            if latest is not None and latest.id != sent_id:
                await self._send(send, reader.message)
                sent_id, sent_at = latest.id, clock()
                continue
            with contextlib.suppress(TimeoutError):
                waits = min(CHECK_SECONDS, self._heartbeat_seconds)
                await asyncio.wait_for(changed.wait(), waits)
            if clock() - sent_at >= self._heartbeat_seconds:
                await self._send(send, b": still here\n\n")
                sent_at = clock()
        # The browser comes back by itself, with a fresh token or to be told why not.
        await self._send(send, b"", more=False)

    async def _send(self, send: Send, body: bytes, *, more: bool = True) -> None:
        try:
            async with asyncio.timeout(self._send_seconds_max):
                await send({"type": "http.response.body", "body": body, "more_body": more})
        except TimeoutError:
            _dropped.labels(self._stream).inc()
            raise


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def last_id_of(request: Request) -> str:
    """The id of the last snapshot that this watcher has, for one who comes back."""
    return request.headers.get("last-event-id", "")
