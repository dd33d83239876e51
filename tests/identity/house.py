"""The running service as its visitors meet it: browsers with cookies, mail, and a clock to set."""

import contextlib
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.types import ASGIApp

from libs.chassis.edge import BodyLimit, OriginCheck, SessionExchange
from libs.chassis.problems import Unavailable
from libs.chassis.tokens import Principal
from libs.database import Database
from libs.eventstore.memory import MemoryLog
from services.identity.app import create_app
from services.identity.desk import Desk
from services.identity.mailer import Mailer
from services.identity.settings import IdentitySettings

SETUP_TOKEN = "set-up-token-of-the-tests-0123456789"  # noqa: S105 - of the tests.
PASSWORD = "four plain words here"  # noqa: S105 - of the tests.
ANOTHER_PASSWORD = "four other plain words"  # noqa: S105 - of the tests.
PALO_ALTO = "DVC \N{EN DASH} Palo Alto"
MAIL_FROM = "Phonebank Volunteers <calls@phonebank.example>"


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class NumberBook:
    """The vault of voters, as far as identity asks it: a line is made of campaign and digits."""

    asked: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    is_away: bool = False

    async def lines(
        self, campaign_ids: Sequence[str], numbers: Sequence[str]
    ) -> dict[str, tuple[str, ...]]:
        if self.is_away:
            raise Unavailable
        self.asked.append((tuple(campaign_ids), tuple(numbers)))
        return {each: tuple(line_of(each, number) for number in numbers) for each in campaign_ids}


def line_of(campaign_id: str, number: str) -> str:
    """The id of a line in the number book."""
    return f"line of {campaign_id} {sum(map(ord, number))}"


@dataclass
class Browser:
    """A visitor with cookies of their own."""

    client: httpx.AsyncClient

    async def post(
        self, path: str, body: Any, *, key: str | None = None, **kwargs: Any
    ) -> httpx.Response:
        headers = {"idempotency-key": key or uuid4().hex} | kwargs.pop("headers", {})
        return await self.client.post(path, json=body, headers=headers, **kwargs)

    async def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return await self.client.get(path, **kwargs)

    async def put(self, path: str, body: Any, **kwargs: Any) -> httpx.Response:
        return await self.client.put(path, json=body, **kwargs)

    async def delete(self, path: str, **kwargs: Any) -> httpx.Response:
        return await self.client.delete(path, **kwargs)

    async def sign_up(self, email: str, *, key: str | None = None, **more: Any) -> httpx.Response:
        body = {"email": email, "password": PASSWORD, "first_name": "Ann", "last_name": "Example"}
        return await self.post("/identity/callers", body | more, key=key)

    async def log_in(self, email: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
        body = {"email": email, "password": password}
        return await self.post("/identity/sessions", body | more)


@dataclass
class House:
    """Identity, its log, its database and the mail that left it."""

    app: FastAPI
    front: ASGIApp
    log: MemoryLog  # Empty where the log is in MongoDB.
    database: Database
    clock: Clock
    settings: IdentitySettings
    stack: contextlib.AsyncExitStack
    numbers: NumberBook
    sent: list[EmailMessage] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        desk: Desk = self.app.state.desk
        return desk

    async def principal(self, browser: Browser) -> Principal:
        """Who the services take this browser for."""
        opaque = browser.client.cookies[self.desk.cookie]
        signed = await self.app.state.exchange(opaque)
        principal: Principal = self.app.state.tokens.verify(signed, self.clock())
        return principal

    async def browser(self, *, host: str = "192.0.2.7") -> Browser:
        transport = httpx.ASGITransport(self.front, client=(host, 40_000))
        client = httpx.AsyncClient(transport=transport, base_url=self.settings.public_url)
        return Browser(await self.stack.enter_async_context(client))

    def mailer(self) -> Mailer:
        async def send(message: EmailMessage) -> None:
            self.sent.append(message)

        records = self.desk.records
        return Mailer(
            records.outbox, records.correspondence, send, mail_from=MAIL_FROM, now=self.clock
        )

    async def mail(self, to: str) -> list[EmailMessage]:
        """Everything mailed to this address, after the outbox was worked off."""
        mailer = self.mailer()
        while await mailer.send_next():
            pass
        return [message for message in self.sent if message["To"] == to]

    async def link(self, to: str) -> tuple[str, str | None]:
        """The token and the next path of the latest confirmation link mailed to this address."""
        query = parse_qs(urlsplit(link_in((await self.mail(to))[-1])).query)
        return query["token"][0], query.get("next", [None])[0]

    async def caller(self, email: str, **more: Any) -> Browser:
        """A confirmed caller, logged in."""
        browser = await self.browser()
        assert (await browser.sign_up(email, **more)).status_code == 201
        token, _ = await self.link(email)
        answer = await browser.post("/identity/confirmations", {"token": token})
        assert answer.status_code == 200
        return browser

    async def organizer(self) -> Browser:
        """The first organizer, logged in."""
        browser = await self.browser()
        answer = await browser.post("/identity/setup", setup_body())
        assert answer.status_code == 201, answer.text
        assert (await browser.log_in("organizer@example.org")).status_code == 201
        return browser


def setup_body(**organizer: str) -> dict[str, Any]:
    """What deploy sends to set an installation up."""
    return {
        "setup_token": SETUP_TOKEN,
        "organizer": {
            "email": "organizer@example.org",
            "password": PASSWORD,
            "first_name": "Olga",
            "last_name": "Organizer",
        }
        | organizer,
        "organization": {"name": PALO_ALTO, "help_contact": "help@dvc.example"},
        "campaign": {"name": "Rivera for Senate"},
    }


def text_of(message: EmailMessage) -> str:
    """The plain part of a mail."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link_in(message: EmailMessage) -> str:
    """The confirmation link in a mail."""
    found = re.search(r"https?://\S+/confirm\?\S+", text_of(message))
    assert found, text_of(message)
    return found.group()


@contextlib.asynccontextmanager
async def open_house(
    database: Database,
    clock: Clock,
    *,
    public_url: str = "https://phonebank.example",
    in_memory: bool = True,
) -> AsyncIterator[House]:
    """The app behind the front door, inside its lifespan; its log in memory or in MongoDB."""
    settings = IdentitySettings(
        phonebank_env="test",
        mongodb_url="mongodb://unused",
        kafka_bootstrap="unused:9092",
        public_url=public_url,
        token_key=SecretStr("t" * 32),
        service_key=SecretStr("s" * 32),
        vault_key=SecretStr("v" * 32),
        setup_token=SecretStr(SETUP_TOKEN),
        mail_from=MAIL_FROM,
    )
    log, numbers = MemoryLog(), NumberBook()
    app = create_app(
        settings, log=log if in_memory else None, database=database, now=clock, vault=numbers
    )
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        desk: Desk = app.state.desk
        inner = SessionExchange(app, app.state.exchange, cookie=desk.cookie)
        front = BodyLimit(OriginCheck(inner, public_url=public_url))
        async with contextlib.AsyncExitStack() as browsers:
            yield House(app, front, log, database, clock, settings, browsers, numbers)
