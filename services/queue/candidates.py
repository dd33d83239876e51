"""One bank's search for voters to call, which the next fill goes on with where this one stops."""

from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from libs.database import Cursor, Database, PyMongoError
from libs.views.view import Row
from services.queue.views import searches as voters

# New voters and lines let go show up behind a search that goes on: after so long it begins anew.
SEARCH_KEPT = timedelta(seconds=5)

log = structlog.get_logger()


class Candidates:
    """The rows of voters who may be called now: the fresh ones, then those to be tried again.

    No row comes twice in one search. Each fill says `resume`, then takes; whoever meets an error on
    the way, or does not come back, says `leave`, or a cursor stays open on the server.
    """

    def __init__(
        self, views: Database, background: Callable[[Coroutine[Any, Any, None]], object]
    ) -> None:
        self._views = views
        self._background = background
        self._asked: tuple[voters.Search, int] | None = None
        self._search: voters.Search | None = None
        self._batch = 1
        self._is_earlier = False
        self._rows_left = 0
        self._stages: deque[bool] = deque()
        self._cursor: Cursor | None = None
        self._ahead: deque[Row] = deque()

    def resume(self, search: voters.Search, batch: int, rows_max: int) -> None:
        """Go on with the last search, or begin if that is old or was for something else.

        A search that begins reads `batch` rows at a time; `rows_max` are given until the next time.
        """
        last = self._search
        self._asked, self._rows_left = (search, batch), rows_max
        self._is_earlier = last is not None and replace(last, at=search.at) == search
        if not self._is_earlier or self.is_old(search.at):
            self._begin(search, batch)

    async def take(self, rows_max: int) -> Sequence[Row]:
        """Up to so many rows; none when everybody was looked at, or all that `resume` allowed.

        The end of a search that was gone on with is not the end: voters may have come free since,
        and a new search is made.
        """
        if not self._ahead and self._rows_left:
            await self._look_ahead()
        count = min(rows_max, self._rows_left, len(self._ahead))
        self._rows_left -= count
        return [self._ahead.popleft() for _ in range(count)]

    def put_back(self, rows: Sequence[Row]) -> None:
        """Have these rows come next: they were not needed."""
        self._ahead.extendleft(reversed(rows))

    def is_old(self, at: datetime) -> bool:
        """Whether the search, if there is one, is not to be gone on with."""
        return self._search is not None and not (timedelta(0) <= at - self._search.at < SEARCH_KEPT)

    def leave(self) -> None:
        """Forget the search. Its cursor is closed beside: nobody waits for a server to do so."""
        self._search = None
        self._stages.clear()
        self._ahead.clear()
        self._leave_cursor()

    def _begin(self, search: voters.Search, batch: int) -> None:
        self.leave()
        self._search, self._batch = search, batch
        self._stages.extend((True, False))
        self._is_earlier = False

    async def _look_ahead(self) -> None:
        try:
            await self._read()
        except PyMongoError as error:
            # A cursor does not outlive its server. Nothing is wrong with asking once more.
            if not self._is_earlier:
                raise
            log.info("search begun anew", error=type(error).__name__)
        if not self._ahead and self._is_earlier and self._asked is not None:
            self._begin(*self._asked)
            await self._read()

    async def _read(self) -> None:
        """Have rows ahead, unless there are none."""
        while not self._ahead:
            if self._cursor is None:
                if self._search is None or not self._stages:
                    return
                self._cursor = voters.candidates(
                    self._views, self._search, fresh=self._stages.popleft(), batch=self._batch
                )
            # A list at once: row by row costs an `await` each, which is most of the time it takes.
            self._ahead.extend(await self._cursor.to_list(self._batch))
            if not self._ahead:
                self._leave_cursor()

    def _leave_cursor(self) -> None:
        cursor, self._cursor = self._cursor, None
        if cursor is not None and cursor.alive:
            self._background(_close(cursor))


async def _close(cursor: Cursor) -> None:
    try:
        await cursor.close()
    except PyMongoError as error:
        log.warning("cursor not closed", error=type(error).__name__)
