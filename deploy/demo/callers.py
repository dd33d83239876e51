"""The room of the demo: made-up volunteers who call all evening, through the public API only.

    PUBLIC_URL=http://localhost:8000 MAIL_URL=http://localhost:8005 python -m deploy.demo.callers

They work the practice phone bank, whose numbers are kept for fiction, and dial nothing.
"""

import asyncio
import contextlib
import logging
import random
import signal
from collections.abc import Iterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from itertools import islice

import httpx
import structlog
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.demo.organizations import ABROAD, AT_HOME
from deploy.demo.people import FIRST_NAMES, SURNAMES
from deploy.demo.volunteer import Board, Person, Volunteer
from libs.chassis.logging import configure_logging

CALLERS_DEFAULT = 20
CALLERS_MAX = 500
# A third of them are abroad.
_ABROAD_EVERY = 3
_ARRIVE_EVERY_SECONDS = 10.0
_BOARD_FRESH_SECONDS = 30.0
_ANSWER_SECONDS_MAX = 30.0

log = structlog.get_logger()


class CallersSettings(BaseSettings):
    """How many, how fast (`callers_pace` 2 is twice a person's), and whom they leave to people."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    public_url: str
    mail_url: str
    log_level: str = "INFO"
    callers: int = Field(default=CALLERS_DEFAULT, ge=0, le=CALLERS_MAX)
    callers_seed: int = 2026
    callers_pace: float = Field(default=1.0, gt=0)
    callers_leave_voters: int = Field(default=200, ge=0)


def people(seed: int) -> Iterator[Person]:
    """Made-up people without end, each with an address of their own; the same for a seed."""
    dice = random.Random(f"people/{seed}")  # noqa: S311 - made-up names, not secrets.
    first_names = [name for name in FIRST_NAMES if name.isascii()]
    known: set[str] = set()
    while True:
        first, last = dice.choice(first_names), dice.choice(SURNAMES)
        email = f"{first}.{last}@example.org".lower()
        if email in known:
            continue
        number = len(known)
        known.add(email)
        is_abroad = number % _ABROAD_EVERY == _ABROAD_EVERY - 1
        organization = ABROAD if is_abroad else AT_HOME
        yield Person(number, first.title(), last.title(), email, organization["slug"])


async def run(settings: CallersSettings) -> None:
    """Call until cancelled."""

    async def rest(seconds: float) -> None:
        await asyncio.sleep(seconds / settings.callers_pace)

    async def come_and_work(volunteer: Volunteer, number: int, dice: random.Random) -> None:
        await rest((number + dice.random()) * _ARRIVE_EVERY_SECONDS)
        await volunteer.work()

    # Each comes with a token of their own; a shared jar of cookies would mix them up.
    no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    async with (
        httpx.AsyncClient(
            base_url=settings.public_url,
            timeout=_ANSWER_SECONDS_MAX,
            cookies=no_cookies,
            trust_env=False,
        ) as http,
        asyncio.TaskGroup() as room,
    ):
        board = Board(
            http,
            fresh_seconds=_BOARD_FRESH_SECONDS / settings.callers_pace,
            leave_voters=settings.callers_leave_voters,
        )
        for person in islice(people(settings.callers_seed), settings.callers):
            dice = random.Random(f"{settings.callers_seed}/{person.number}")  # noqa: S311 - no secret.
            volunteer = Volunteer(
                person,
                http,
                board,
                mail_url=settings.mail_url,
                dice=dice,
                sleep=asyncio.sleep,
                rest=rest,
            )
            room.create_task(come_and_work(volunteer, person.number, dice))
        log.info("callers come", callers=settings.callers)


async def main(settings: CallersSettings) -> None:
    """The process: until SIGTERM or SIGINT."""
    configure_logging("callers", settings.log_level)
    # It would write every address, and so whose mail is looked for.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    running = asyncio.create_task(run(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running


if __name__ == "__main__":
    asyncio.run(main(CallersSettings()))
