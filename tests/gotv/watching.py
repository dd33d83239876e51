"""A watcher of a live stream, as a browser is one: it reads on, and may leave or stand still."""

import asyncio
import json
from typing import Any, Self

from starlette.types import ASGIApp, Message

WAIT_SECONDS_MAX = 10.0


class Watcher:
    """Opens a stream on an ASGI app; `async with` leaves it at the end."""

    def __init__(self, app: ASGIApp, path: str, authorization: str, last_id: str = "") -> None:
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.comments = 0
        self._app = app
        self._path = path
        self._sent_headers = [(b"authorization", authorization.encode())]
        if last_id:
            self._sent_headers.append((b"last-event-id", last_id.encode()))
        self._messages: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._asked = False
        self.reads = asyncio.Event()
        self.reads.set()

    async def __aenter__(self) -> Self:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": self._path,
            "raw_path": self._path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": self._sent_headers,
            "client": ("127.0.0.1", 1),
            "server": ("phonebank.test", 80),
        }
        self.ended = asyncio.create_task(self._open(scope))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.leave()
        self.reads.set()
        await asyncio.wait({self.ended}, timeout=WAIT_SECONDS_MAX)
        assert self.ended.done(), "the stream did not end"

    def leave(self) -> None:
        """Close the tab."""
        self._gone.set()

    async def next(self) -> tuple[str, dict[str, Any]]:
        """The next snapshot: its id and what it says."""
        async with asyncio.timeout(WAIT_SECONDS_MAX):
            return await self._messages.get()

    async def until(self, wanted: Any) -> dict[str, Any]:
        """Read on until a snapshot is as wanted."""
        while True:
            _, said = await self.next()
            if wanted(said):
                return said

    def has_more(self) -> bool:
        """Whether a snapshot has come that was not read yet."""
        return not self._messages.empty()

    async def _open(self, scope: dict[str, Any]) -> None:
        await self._app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        await self.reads.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {key.decode(): value.decode() for key, value in message["headers"]}
            return
        for part in message["body"].decode().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in part.splitlines() if ": " in line)
            if "data" in fields:
                self._messages.put_nowait((fields["id"], json.loads(fields["data"])))
            self.comments += part.startswith(":")
