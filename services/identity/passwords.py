"""Passwords: which are refused, and hashing in a pool that keeps the rest of the process alive."""

import asyncio
import contextlib
import math
import secrets
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from prometheus_client import Gauge

from libs.chassis.problems import TooMany
from services.identity.common_passwords import COMMON_PASSWORDS
from services.identity.domain.errors import PasswordRefused

LENGTH_MIN = 8
LENGTH_MAX = 256
MEMORY_KIB = 19 * 1024
PASSES = 2
AT_ONCE_MAX = 2
WAITING_MAX = 256
HASH_SECONDS = 0.05  # Generous: what one takes on a busy core; Retry-After is reckoned with it.

Answer = TypeVar("Answer")

_waiting = Gauge("phonebank_password_queue", "Log-ins and sign-ups that wait for a password hash.")


def check_choice(password: str, email: str) -> None:
    """Raise PasswordRefused, with a sentence that helps, for a password that is too easy."""
    if len(password) < LENGTH_MIN:
        raise PasswordRefused(
            f"Use at least {LENGTH_MIN} characters; three or four plain words work well."
        )
    if len(password) > LENGTH_MAX:
        raise PasswordRefused(f"Use at most {LENGTH_MAX} characters.")
    plain = _canonical(password).casefold()
    if plain in COMMON_PASSWORDS or len(set(plain)) == 1:
        raise PasswordRefused(
            "This password is one of the first that others would try; "
            "three or four plain words that only you would put together work well."
        )
    if plain in {email.casefold(), email.casefold().partition("@")[0]}:
        raise PasswordRefused("Use something other than your e-mail address.")


class Passwords:
    """Argon2id (19 MiB, two passes) two at a time; who would wait too long is told when to come."""

    def __init__(self, *, at_once_max: int = AT_ONCE_MAX, waiting_max: int = WAITING_MAX) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)
        self._at_once_max = at_once_max
        self._waiting_max = waiting_max
        self._waiting = 0
        self._slots = asyncio.Semaphore(at_once_max)
        self._threads = ThreadPoolExecutor(at_once_max, thread_name_prefix="password")
        # Verified against when there is no account: the answer takes as long as with one.
        self.decoy = self._hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """The hash to keep. Raises TooMany when too many wait."""
        async with self._slot():
            return await self._run(lambda: self._hasher.hash(_canonical(password)))

    async def matches(
        self, stored_hash: str, password: str, *, still_welcome: Callable[[], None]
    ) -> bool:
        """Whether this is the password. Raises TooMany when too many wait.

        `still_welcome` is asked when the turn has come, so that guesses that queued up together
        cannot all be tried; what it raises ends the wait.
        """
        async with self._slot():
            still_welcome()
            return await self._run(lambda: self._verify(stored_hash, password))

    def outdated(self, stored_hash: str) -> bool:
        """Whether the hash was made with weaker settings than today's."""
        return self._hasher.check_needs_rehash(stored_hash)

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _verify(self, stored_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored_hash, _canonical(password)[:LENGTH_MAX])
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    @contextlib.asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        if self._waiting >= self._waiting_max:
            seconds = max(1, math.ceil(self._waiting * HASH_SECONDS / self._at_once_max))
            raise TooMany(
                f"Very many people are logging in; please try again in {seconds} seconds.",
                retry_after_seconds=seconds,
            )
        with self._queued():
            await self._slots.acquire()
        try:
            yield
        finally:
            self._slots.release()

    @contextlib.contextmanager
    def _queued(self) -> Iterator[None]:
        self._waiting += 1
        _waiting.inc()
        try:
            yield
        finally:
            self._waiting -= 1
            _waiting.dec()


def _canonical(password: str) -> str:
    """One spelling of the same letters, whatever keyboard wrote them."""
    return unicodedata.normalize("NFC", password)
