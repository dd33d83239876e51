"""One phone bank's lines in one process: made ready in blocks, handed out of memory."""

import asyncio
from collections import deque
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import structlog

from libs.chassis.clock import Now
from libs.chassis.problems import Unavailable
from libs.database import Database, PyMongoError
from libs.hours import may_call
from libs.views.view import Row
from services.queue.bank_book import BankBook, KnownBank
from services.queue.candidates import Candidates
from services.queue.dispositions import PROMISE_PREFERENCE
from services.queue.entries import VIEW_LAG_MAX, Entry, Preparation
from services.queue.promises import Promise
from services.queue.reservations import RESERVED, Reservations
from services.queue.views import searches as voters

LINES_MIN = 8
LINES_MAX = 200
ROWS_PER_FILL_MAX = 40_000
# Of two banks over the same voters, one has to look past all that the other has reserved.
ROWS_AT_ONCE = 200
ROWS_OF_A_LANGUAGE_MAX = 1_000
LOOKED_AT_MAX = 800
LOW_WATER = 4
READY_FOR = timedelta(seconds=2)  # Many times what a fill takes; more is cards in memory in vain.
UNRESERVED = timedelta(seconds=2)
EMPTY_SECONDS_MIN = 0.1
EMPTY_SHARE = 5  # Looking in vain takes a sixth of the time at most, however many ask.
ANSWERED_RESTS = timedelta(hours=1)
ZONES_KEPT = timedelta(seconds=30)
LANGUAGES_FRESH = timedelta(seconds=5)
PROMISES_FRESH = timedelta(seconds=5)
PROMISES_STALE = timedelta(seconds=30)
PROMISES_AHEAD = timedelta(seconds=60)

Answer = TypeVar("Answer")


class Background(Protocol):
    """Starts work that ends with the process."""

    def __call__(self, work: Coroutine[Any, Any, Answer], /) -> "asyncio.Task[Answer]":
        """The task."""


log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sources:
    """What every block of a process works with."""

    views: Database
    preparation: Preparation
    reservations: Reservations
    banks: BankBook
    now: Now
    background: Background


class Block:
    """The lines of one phone bank that this process has ready, and those it need not try again."""

    def __init__(self, bank_id: str, sources: Sources) -> None:
        self._bank_id = bank_id
        self._sources = sources
        self._reservations = sources.reservations.of_bank(bank_id)
        self._ready: deque[Entry] = deque()
        self._promised: list[Entry] = []
        self._spoken: dict[str, deque[Entry]] = {}
        self._spoken_read_at: dict[str, datetime] = {}
        self._held: set[str] = set()
        self._avoided: dict[str, datetime] = {}
        self._answered: dict[str, datetime] = {}
        self._candidates = Candidates(sources.views, sources.background)
        self._filling: asyncio.Task[int] | None = None
        self._waiting = 0
        self._handed_out: deque[datetime] = deque()
        self._empty_until = 0.0
        self._zone_keys: tuple[tuple[str, ...], datetime] | None = None
        self._promises_read_at: datetime | None = None
        self._reading_promises = False

    async def wake(self, languages: Iterable[str] = ()) -> None:
        """Look for due promises before the first voter after a while, and beside the others.

        `languages` are the caller's: voters who speak one of them are looked for, too.
        """
        at = self._sources.now()
        for language in languages:
            spoken_at = self._spoken_read_at.get(language)
            if spoken_at is None or at - spoken_at >= LANGUAGES_FRESH:
                await self._read_language(language)
        read_at = self._promises_read_at
        if read_at is None or at - read_at >= PROMISES_STALE:
            await self._read_promises()
        elif at - read_at >= PROMISES_FRESH and not self._reading_promises:
            self._sources.background(self._quietly(self._read_promises()))

    def take(self, caller_id: str, at: datetime, languages: Iterable[str] = ()) -> Entry | None:
        """A line for this caller, promises first, then who speaks the caller's languages.

        None when nothing is ready.

        Whoever takes an entry hands it back: `handed_out`, `dropped` or `put_back`.
        """
        for place, entry in enumerate(self._promised):
            if entry.promised_at is None or not entry.promised_at <= at < entry.until:
                continue
            if entry.promised_to == caller_id or at >= entry.promised_at + PROMISE_PREFERENCE:
                return self._promised.pop(place)
        for language in languages:
            while spoken := self._spoken.get(language):
                entry = spoken.popleft()
                if at < entry.until:
                    return entry
                self._let_go(entry)
        while self._ready:
            entry = self._ready.popleft()
            if at < entry.until:
                self._fill_soon()
                return entry
            self._let_go(entry)
        return None

    def handed_out(self, entry: Entry, at: datetime) -> None:
        """The line is leased now; the view will know in a moment."""
        self._handed_out.append(at)
        self._held.discard(entry.line_id)
        self._avoided[entry.line_id] = at + VIEW_LAG_MAX

    def dropped(self, entry: Entry, again_at: datetime) -> None:
        """The line may not be called; it is not tried again before `again_at`."""
        self._held.discard(entry.line_id)
        self._avoided[entry.line_id] = again_at

    def answered(self, line_id: str, at: datetime) -> None:
        """Results has this line's call: it rests, whether or not the bus has told its stream."""
        self._answered[line_id] = at + ANSWERED_RESTS

    def put_back(self, entries: Sequence[Entry]) -> None:
        """The lines may go to other callers."""
        for entry in reversed(entries):
            if entry.promised_at is not None:
                self._promised.insert(0, entry)
            elif entry.language is not None:
                self._spoken.setdefault(entry.language, deque()).appendleft(entry)
            else:
                self._ready.appendleft(entry)

    def sweep(self, at: datetime) -> None:
        """Let go of entries whose time is over: nobody's card stays in memory without a use."""
        spoken = [entry for entries in self._spoken.values() for entry in entries]
        for entry in (*self._ready, *self._promised, *spoken):
            if entry.until <= at:
                self._let_go(entry)
        self._ready = deque(entry for entry in self._ready if at < entry.until)
        self._promised = [entry for entry in self._promised if at < entry.until]
        for language, entries in list(self._spoken.items()):
            self._spoken[language] = deque(entry for entry in entries if at < entry.until)
        if self._filling is None and self._candidates.is_old(at):
            self._candidates.leave()

    def close(self) -> None:
        """Leave nothing open on the server. Nobody is handed anything any more."""
        self._candidates.leave()

    @property
    def has_ready(self) -> bool:
        """Whether there is a line that somebody might be given."""
        return bool(self._ready)

    async def filled(self) -> int:
        """Wait until a filling that is under way, or a new one, is done: how many lines it found.

        However many callers wait, one process fills a bank's block once at a time.
        """
        under_way = self._filling is not None
        if not under_way and self._is_known_empty():
            return 0
        self._waiting += 1
        try:
            found = await asyncio.shield(self._fill_now())
            if not found and under_way:
                # It may have begun before something came free that this caller could have.
                found = await asyncio.shield(self._fill_now())
            return found
        finally:
            self._waiting -= 1

    def _let_go(self, entry: Entry) -> None:
        self._held.discard(entry.line_id)
        self._empty_until = 0.0  # There is at least this line to look at again.

    def _fill_now(self) -> "asyncio.Task[int]":
        if self._filling is None:
            self._filling = self._sources.background(self._fill())
            self._filling.add_done_callback(self._filling_done)
        return self._filling

    def _filling_done(self, task: "asyncio.Task[int]") -> None:
        self._filling = None
        if not task.cancelled() and task.exception() is not None:
            log.warning("block not filled", error=type(task.exception()).__name__)

    def _fill_soon(self) -> None:
        """Begin to fill before the block is empty, unless there was nothing a moment ago."""
        soon_gone = len(self._handed_out) * READY_FOR // RESERVED
        is_low = len(self._ready) <= max(LOW_WATER, soon_gone)
        if is_low and not self._is_known_empty():
            self._fill_now()

    def _is_known_empty(self) -> bool:
        return asyncio.get_running_loop().time() < self._empty_until

    async def _fill(self) -> int:
        sources = self._sources
        clock = asyncio.get_running_loop().time
        began = clock()
        bank = await sources.banks.get(self._bank_id)
        at = sources.now()
        self._forget(at)
        search = await self._search_for(bank, at)
        wanted = max(LINES_MIN, min(LINES_MAX, 2 * len(self._handed_out)), self._waiting)
        try:
            found = await self._search(bank, search, min(wanted, LINES_MAX))
        except BaseException:
            # What was read and came to nothing is to be found again.
            self._candidates.leave()
            raise
        if not found:
            took = clock() - began
            self._empty_until = clock() + max(EMPTY_SECONDS_MIN, EMPTY_SHARE * took)
        return found

    async def _search_for(
        self, bank: KnownBank, at: datetime, language: str | None = None
    ) -> voters.Search:
        return voters.Search(
            campaign_id=bank.created.campaign_id,
            bank_id=self._bank_id,
            universe_id=bank.created.universe_id,
            practice=bank.created.practice,
            zone_keys=await self._open_zones(bank, at),
            at=at,
            language=language,
        )

    async def _read_language(self, language: str) -> None:
        """Prepare lines of voters who speak a language. They are few: nobody reserves them."""
        bank = await self._sources.banks.get(self._bank_id)
        at = self._sources.now()
        self._spoken_read_at[language] = at
        search = await self._search_for(bank, at, language)
        candidates = Candidates(self._sources.views, self._sources.background)
        candidates.resume(search, ROWS_AT_ONCE, ROWS_OF_A_LANGUAGE_MAX)
        try:
            lines = await self._next_lines(candidates, bank, at, LINES_MIN)
        finally:
            candidates.leave()
        if not lines:
            return
        prepared = await self._sources.preparation.prepare(bank, list(lines), at, RESERVED)
        for entry in prepared.entries:
            entry.language = language
            self._held.add(entry.line_id)
            self._spoken.setdefault(language, deque()).append(entry)
        self._avoided.update(prepared.not_now)

    async def _search(self, bank: KnownBank, search: voters.Search, wanted: int) -> int:
        """Reserve and prepare lines; those of others only when nothing is left unreserved."""
        found, chunk = 0, wanted
        elsewhere: dict[str, None] = {}
        self._candidates.resume(search, ROWS_AT_ONCE, ROWS_PER_FILL_MAX)
        while found < wanted:
            lines = await self._next_lines(self._candidates, bank, search.at, chunk)
            if not lines:
                break
            found += await self._reserve(bank, lines, wanted - found, elsewhere)
            chunk = min(2 * chunk, LOOKED_AT_MAX)
        theirs = list(elsewhere)
        while theirs and not found:
            directly, theirs = theirs[:wanted], theirs[wanted:]
            found = await self._prepare(bank, directly, UNRESERVED)
        return found

    async def _next_lines(
        self, candidates: Candidates, bank: KnownBank, at: datetime, lines_max: int
    ) -> dict[str, Row]:
        """Up to so many lines that are worth trying, each with a voter's row."""
        lines: dict[str, Row] = {}
        while len(lines) < lines_max:
            rows = await candidates.take(lines_max - len(lines))
            if not rows:
                break
            for row in rows:
                if self._is_worth_trying(row, bank, at):
                    lines[row["next_line"]] = row
        return lines

    async def _reserve(
        self, bank: KnownBank, lines: Mapping[str, Row], wanted: int, elsewhere: dict[str, None]
    ) -> int:
        """Reserve and prepare up to `wanted` of the lines; those of others go to `elsewhere`."""
        at = self._sources.now()
        names = {f"{bank.created.campaign_id}/{line_id}": line_id for line_id in lines}
        theirs = await self._reservations.reserved(names, at)
        free = [name for name in names if name not in theirs]
        free, unneeded = free[:wanted], free[wanted:]
        self._candidates.put_back([lines[names[name]] for name in unneeded])
        ours = await self._reservations.take(free, at)
        elsewhere.update((names[name], None) for name in (*theirs, *free) if name not in ours)
        return await self._prepare(bank, [names[name] for name in free if name in ours], RESERVED)

    async def _prepare(self, bank: KnownBank, line_ids: Sequence[str], keep: timedelta) -> int:
        if not line_ids:
            return 0
        at = self._sources.now()
        prepared = await self._sources.preparation.prepare(bank, line_ids, at, keep)
        for entry in prepared.entries:
            self._held.add(entry.line_id)
            self._ready.append(entry)
        self._avoided.update(prepared.not_now)
        return len(prepared.entries)

    def _is_worth_trying(self, row: Row, bank: KnownBank, at: datetime) -> bool:
        line_id = row["next_line"]
        tries: int = row["tries"].get(self._bank_id, 0)
        return (
            line_id not in self._held
            and line_id not in self._avoided
            and self._answered.get(line_id, at) <= at
            and tries < bank.created.attempts_max
        )

    async def _open_zones(self, bank: KnownBank, at: datetime) -> tuple[str, ...]:
        known = self._zone_keys
        if known is None or not known[0] or at - known[1] >= ZONES_KEPT:
            keys = await voters.zone_keys(
                self._sources.views, bank.created.campaign_id, bank.created.universe_id
            )
            known = self._zone_keys = (keys, at)
        if bank.created.practice:
            return known[0]
        return tuple(key for key in known[0] if may_call(voters.split_zones(key), bank.hours, at))

    async def _read_promises(self) -> None:
        """Prepare lines with a promise that is due within a minute. Nobody reserves them."""
        if self._reading_promises:
            return
        self._reading_promises = True
        try:
            bank = await self._sources.banks.get(self._bank_id)
            at = self._sources.now()
            self._promises_read_at = at
            self._forget(at)
            self.sweep(at)
            for entry in self._promised:
                self._held.discard(entry.line_id)
            self._promised.clear()
            rows = await voters.promised(self._sources.views, self._bank_id, at + PROMISES_AHEAD)
            due: dict[str, list[Promise]] = {}
            for row in rows:
                if row["promise_line"] not in self._held | self._avoided.keys():
                    due.setdefault(row["promise_line"], []).append(Promise.of(row))
            if due:
                prepared = await self._sources.preparation.prepare(bank, due, at, RESERVED, due)
                self._held.update(entry.line_id for entry in prepared.entries)
                self._promised = list(prepared.entries)
        finally:
            self._reading_promises = False

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (PyMongoError, Unavailable) as error:
            log.warning("promises not read", bank_id=self._bank_id, error=type(error).__name__)

    def _forget(self, at: datetime) -> None:
        self._avoided = {line: until for line, until in self._avoided.items() if until > at}
        self._answered = {line: until for line, until in self._answered.items() if until > at}
        while self._handed_out and self._handed_out[0] <= at - RESERVED:
            self._handed_out.popleft()
