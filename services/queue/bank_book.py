"""The phone banks a process works with, in memory and at most seconds behind the log."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from libs.chassis.clock import Now
from libs.database import PyMongoError
from libs.events.queue import PhoneBankCreated
from libs.eventstore.store import Log
from libs.hours import CallingHours
from services.queue.choices import for_callers
from services.queue.domain.bank_settings import Wording
from services.queue.domain.errors import Closed, NoSuchPhoneBank, NotOpenYet, Paused
from services.queue.domain.phone_bank import BANK, PhoneBank, hours_of
from services.queue.domain.script import MergedScript

FRESH = timedelta(seconds=2)
STALE = timedelta(seconds=10)

log = structlog.get_logger()


def bank_stream(bank_id: str) -> str:
    """The stream of a phone bank."""
    return f"bank-{bank_id}"


@dataclass(frozen=True, slots=True)
class KnownBank:
    """A phone bank as of `read_at`, with its scripts taken apart and its hours as rules.

    `created` has the settings of today; `dispositions` are as the call screen shows them.
    """

    created: PhoneBankCreated
    stage: str
    hours: CallingHours
    scripts: tuple[MergedScript, ...]
    read_at: datetime
    wording: Wording
    dispositions: list[dict[str, Any]]

    @property
    def script(self) -> MergedScript:
        """The script that is live. An open bank has one."""
        return self.scripts[-1]

    def check_open(self, at: datetime) -> None:
        """Raise the refusal that says why nobody is handed out."""
        ends = self.created.closes_at
        if self.stage == "closed" or (ends is not None and ends <= at):
            raise Closed
        if self.stage == "created":
            # When it opens is for the organizers to say; its hours are known, but for practice,
            # which is called at any hour.
            raise NotOpenYet(hours=None if self.created.practice else self.created.hours)
        if self.stage != "open":
            raise Paused


class BankBook:
    """Reads a bank from the log when it is asked for, then again while it is asked for."""

    def __init__(
        self, events: Log, now: Now, background: Callable[..., "asyncio.Task[None]"]
    ) -> None:
        self._log = events
        self._now = now
        self._background = background
        self._banks: dict[str, KnownBank] = {}
        self._scripts: dict[tuple[str, int], MergedScript] = {}
        self._reading: dict[str, asyncio.Task[None]] = {}

    async def get(self, bank_id: str) -> KnownBank:
        """The bank, ten seconds old at most. Raises NoSuchPhoneBank."""
        known = self._banks.get(bank_id)
        age = self._now() - known.read_at if known is not None else STALE
        if known is not None and timedelta(0) <= age < STALE:
            if age >= FRESH:
                self._read_soon(bank_id)
            return known
        await self._read(bank_id)
        return self._banks[bank_id]

    def note(self, bank_id: str, bank: PhoneBank) -> KnownBank:
        """What this process has just recorded or read."""
        created = bank.creation
        scripts = tuple(
            self._merged(bank_id, number, script) for number, script in enumerate(bank.scripts, 1)
        )
        shown = for_callers(bank.wording.dispositions, messages_allowed=created.messages_allowed)
        known = KnownBank(
            created, bank.stage, hours_of(created), scripts, self._now(), bank.wording, shown
        )
        self._banks[bank_id] = known
        return known

    def _merged(self, bank_id: str, version: int, script: dict[str, object]) -> MergedScript:
        merged = self._scripts.get((bank_id, version))
        if merged is None:
            merged = self._scripts[bank_id, version] = MergedScript(version, script)
        return merged

    async def _read(self, bank_id: str) -> None:
        history = await self._log.read(bank_stream(bank_id))
        if not history.version:
            raise NoSuchPhoneBank
        self.note(bank_id, BANK.fold(history.facts))  # type: ignore[arg-type]  # its own stream.

    def _read_soon(self, bank_id: str) -> None:
        if bank_id not in self._reading:
            self._reading[bank_id] = self._background(self._read_again(bank_id))

    async def _read_again(self, bank_id: str) -> None:
        try:
            await self._read(bank_id)
        except PyMongoError as error:
            log.warning("phone bank not read", bank_id=bank_id, error=type(error).__name__)
        finally:
            del self._reading[bank_id]
