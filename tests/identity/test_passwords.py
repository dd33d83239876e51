"""Passwords: what is refused, and a pool that cannot be flooded."""

import asyncio
import threading

import pytest
from argon2 import PasswordHasher

from libs.chassis.problems import TooMany
from services.identity.domain.errors import PasswordRefused
from services.identity.passwords import Passwords, check_choice


def welcome() -> None:
    """Nobody is turned away."""


@pytest.mark.parametrize(
    "password",
    ["short", "", "password123", "PassWord123", "qwertyuiop", "aaaaaaaaaaaa", "x" * 257],
)
def test_a_password_that_is_guessed_first_is_refused_with_help(password: str) -> None:
    with pytest.raises(PasswordRefused) as refused:
        check_choice(password, "ann@example.org")
    assert str(refused.value).startswith(("Use at", "This password"))


@pytest.mark.parametrize("password", ["ann.example@example.org", "Ann.Example"])
def test_the_address_is_no_password(password: str) -> None:
    with pytest.raises(PasswordRefused):
        check_choice(password, "ann.example@example.org")


@pytest.mark.parametrize("password", ["four plain words", "x7!pqz9w", "wörter sind lang" * 16])
def test_any_characters_are_welcome(password: str) -> None:
    check_choice(password, "ann@example.org")


async def test_only_the_password_matches() -> None:
    passwords = Passwords()
    stored = await passwords.hash("four plain words")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.matches(stored, "four plain words", still_welcome=welcome)
    assert not await passwords.matches(stored, "four plain word", still_welcome=welcome)
    assert not await passwords.matches(passwords.decoy, "", still_welcome=welcome)
    assert not await passwords.matches("not a hash", "four plain words", still_welcome=welcome)
    passwords.close()


async def test_the_same_letters_match_however_they_are_encoded() -> None:
    passwords = Passwords()
    stored = await passwords.hash("drei wörter hier")
    assert await passwords.matches(stored, "drei wo\u0308rter hier", still_welcome=welcome)
    passwords.close()


def test_weaker_hashes_are_noticed() -> None:
    passwords = Passwords()
    weaker = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    assert passwords.outdated(weaker.hash("four plain words"))
    assert not passwords.outdated(passwords.decoy)
    passwords.close()


class Counting:
    """Stands in the place of the hash: blocks until it may go on, and counts who is inside."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.inside = self.most = 0
        self._lock = threading.Lock()

    def hash(self, password: str) -> str:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        assert self.go_on.wait(10)
        with self._lock:
            self.inside -= 1
        return password


async def test_two_at_a_time_and_beyond_the_queue_come_back_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passwords = Passwords(at_once_max=2, waiting_max=3)
    counting = Counting()
    monkeypatch.setattr(passwords, "_hasher", counting)
    waiting = [asyncio.create_task(passwords.hash(f"word {n}")) for n in range(5)]
    for _ in range(3):
        await asyncio.sleep(0)
    with pytest.raises(TooMany) as refused:
        await passwords.hash("one too many")
    retry_after_seconds = refused.value.extra["retry_after_seconds"]
    assert isinstance(retry_after_seconds, int)
    assert retry_after_seconds >= 1
    counting.go_on.set()
    assert await asyncio.gather(*waiting) == [f"word {n}" for n in range(5)]
    assert counting.most == 2
    assert await passwords.hash("now there is room") == "now there is room"
    passwords.close()


async def test_who_gives_up_waiting_leaves_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords(at_once_max=1, waiting_max=1)
    counting = Counting()
    monkeypatch.setattr(passwords, "_hasher", counting)
    first = asyncio.create_task(passwords.hash("first"))
    second = asyncio.create_task(passwords.hash("second"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    third = asyncio.create_task(passwords.hash("third"))
    await asyncio.sleep(0)
    counting.go_on.set()
    assert list(await asyncio.gather(first, third)) == ["first", "third"]
    passwords.close()


async def test_a_guess_whose_turn_came_too_late_is_not_tried() -> None:
    passwords = Passwords()

    def unwelcome() -> None:
        raise TooMany

    with pytest.raises(TooMany):
        await passwords.matches(passwords.decoy, "a guess", still_welcome=unwelcome)
    passwords.close()
