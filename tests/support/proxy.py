"""A TCP proxy that can lose answers: what a broken network does to a client of MongoDB."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self


class LossyProxy:
    """Forwards to `host:port`, and on demand loses the answer to a request.

    After `lose_answers(marker)` the next request that holds the marker reaches the server, and the
    connection is cut before its answer comes back.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._marker: bytes | None = None
        self.lost = 0
        self.port = 0

    def lose_answers(self, marker: bytes, times: int = 1) -> None:
        """Cut the connection after the next `times` requests that hold `marker`."""
        self._marker, self._left = marker, times

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(*self._target)
        cut, answered = asyncio.Event(), asyncio.Event()
        tasks = [
            asyncio.create_task(self._requests(reader, there_writer, cut, answered)),
            asyncio.create_task(self._answers(there_reader, writer, cut, answered)),
        ]
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for each in (writer, there_writer):
            each.close()

    async def _requests(
        self,
        reader: asyncio.StreamReader,
        there: asyncio.StreamWriter,
        cut: asyncio.Event,
        answered: asyncio.Event,
    ) -> None:
        while chunk := await reader.read(65536):
            if self._marker is not None and self._marker in chunk:
                self._left -= 1
                self._marker = self._marker if self._left else None
                self.lost += 1
                cut.set()
            there.write(chunk)
            await there.drain()
            if cut.is_set():
                # The server has answered, so the write has happened; nobody will hear of it.
                await answered.wait()
                return

    async def _answers(
        self,
        there: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        cut: asyncio.Event,
        answered: asyncio.Event,
    ) -> None:
        while chunk := await there.read(65536):
            if cut.is_set():
                answered.set()
                return
            writer.write(chunk)
            await writer.drain()
