"""The mailer: at least once, patient with a server that is away, and never two at one letter."""

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import pairwise
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.controller import UnthreadedController
from pydantic import SecretStr

from libs.database import Database
from services.identity.mailer import (
    GIVE_UP_AFTER,
    LETTER_FRESH_FOR,
    RETRY_MAX,
    Mailer,
    Smtp,
    mime_of,
)
from services.identity.outbox import LEASE, Letter, Outbox, Wanted
from services.identity.sealing import Sealer
from services.identity.settings import IdentitySettings
from tests.identity.house import MAIL_FROM, House, link_in
from tests.support.backing import eventually, free_port

ANN = "ann@example.org"
AT = datetime(2026, 10, 5, 12, tzinfo=UTC)
letter = Letter(to=ANN, subject="Confirm your account", text="Hello", html="<p>Hello</p>")


class Postman:
    """A mail server's answers, in turn; a letter gets through where the answer is None."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.got: list[EmailMessage] = []

    async def __call__(self, message: EmailMessage) -> None:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.got.append(message)


def mailer_of(house: House, postman: Postman) -> Mailer:
    records = house.desk.records
    return Mailer(
        records.outbox, records.correspondence, postman, mail_from=MAIL_FROM, now=house.clock
    )


async def states(house: House) -> list[str]:
    return [row["state"] for row in await house.database["outbox"].find().to_list()]


async def signed_up(house: House) -> None:
    assert (await (await house.browser()).sign_up(ANN)).status_code == 201


async def test_a_server_that_is_away_is_tried_again_later_and_later(house: House) -> None:
    await signed_up(house)
    postman = Postman(*[ConnectionRefusedError()] * 5)
    mailer = mailer_of(house, postman)
    waits: list[float] = []
    for _ in range(5):
        assert await mailer.send_next()
        row = await house.database["outbox"].find_one({})
        assert row is not None
        waits.append((row["due_at"] - house.clock()).total_seconds())
        assert not await mailer.send_next()
        house.clock.at = row["due_at"]
    assert all(later > earlier for earlier, later in pairwise(waits))
    assert waits[0] >= 1
    assert waits[-1] <= RETRY_MAX.total_seconds() * 1.2
    assert await mailer.send_next()
    assert len(postman.got) == 1
    assert await states(house) == ["sent"]


async def test_what_was_sent_is_gone_from_the_outbox(house: House) -> None:
    await signed_up(house)
    await house.mail(ANN)
    row = await house.database["outbox"].find_one({})
    assert row is not None
    assert not {"key", "content", "letter_key", "letter_content"} & set(row)
    house.clock.forward(days=31)
    await house.desk.records.purge(house.clock())
    assert await states(house) == []


async def test_a_mailbox_that_does_not_exist_ends_it(house: House) -> None:
    await signed_up(house)
    refused = aiosmtplib.SMTPRecipientRefused(550, "no such user", ANN)
    postman = Postman(aiosmtplib.SMTPRecipientsRefused([refused]))
    assert await mailer_of(house, postman).send_next()
    row = await house.database["outbox"].find_one({})
    assert row is not None
    assert row["state"] == "failed"
    assert ANN not in repr(row)
    assert "key" not in row


async def test_a_full_mailbox_is_tried_again(house: House) -> None:
    await signed_up(house)
    refused = aiosmtplib.SMTPRecipientRefused(452, "mailbox full", ANN)
    postman = Postman(aiosmtplib.SMTPRecipientsRefused([refused]))
    assert await mailer_of(house, postman).send_next()
    assert await states(house) == ["waiting"]


async def test_a_letter_that_waited_long_gets_a_link_that_lives(house: House) -> None:
    await signed_up(house)
    tried: list[EmailMessage] = []

    async def remember_and_fail(message: EmailMessage) -> None:
        tried.append(message)
        raise ConnectionRefusedError

    records = house.desk.records
    failing = Mailer(
        records.outbox,
        records.correspondence,
        remember_and_fail,
        mail_from=MAIL_FROM,
        now=house.clock,
    )
    await failing.send_next()
    house.clock.at += LETTER_FRESH_FOR["registration"]
    sent = (await house.mail(ANN))[0]
    assert link_in(sent) != link_in(tried[0])
    assert sent["Message-ID"] == tried[0]["Message-ID"]


async def test_after_days_it_is_given_up(house: House) -> None:
    await signed_up(house)
    house.clock.at += GIVE_UP_AFTER + timedelta(seconds=1)
    await mailer_of(house, Postman(ConnectionRefusedError())).send_next()
    assert await states(house) == ["failed"]


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database, Sealer("v" * 32))


async def test_two_mailers_never_hold_one_letter(outbox: Outbox) -> None:
    for number in range(10):
        wanted = Wanted(email=f"{number}@example.org")
        await outbox.post(f"m{number}", "resend", wanted, fingerprint="", at=AT)
    claimed = await asyncio.gather(*(outbox.claim(AT) for _ in range(10)))
    ids = [due.mail_id for due in claimed if due is not None]
    assert ids
    assert len(set(ids)) == len(ids)


async def test_a_lease_that_ran_out_is_anothers(outbox: Outbox) -> None:
    await outbox.post("m", "resend", Wanted(email=ANN), fingerprint="", at=AT)
    first = await outbox.claim(AT)
    assert first is not None
    assert await outbox.claim(AT + LEASE - timedelta(seconds=1)) is None
    second = await outbox.claim(AT + LEASE)
    assert second is not None
    assert second.attempt == 2
    await outbox.postpone(first, AT, reason="late")  # The first one wakes up: it holds nothing.
    assert await outbox.claim(AT + LEASE) is None
    await outbox.settle(second, "sent", reason="", at=AT)
    assert await outbox.claim(AT + timedelta(days=1)) is None


async def test_what_was_posted_once_is_not_posted_again(outbox: Outbox) -> None:
    for address in (ANN, "bob@example.org"):
        await outbox.post("m", "resend", Wanted(email=address), fingerprint=address, at=AT)
    due = await outbox.claim(AT)
    assert due is not None
    assert due.wanted.email == ANN
    posted = await outbox.find("m")
    assert posted is not None
    assert posted.fingerprint == ANN


async def test_the_outbox_is_sealed(outbox: Outbox, database: Database) -> None:
    await outbox.post("m", "resend", Wanted(email=ANN), fingerprint="", at=AT)
    due = await outbox.claim(AT)
    assert due is not None
    await outbox.keep_letter(due, letter, AT)
    assert "ann" not in repr(await database["outbox"].find().to_list())
    again = await outbox.claim(AT + LEASE)
    assert again is not None
    assert again.letter == letter


def test_a_mail_says_what_it_is() -> None:
    message = mime_of(letter, "m1", MAIL_FROM, AT)
    assert message["From"] == MAIL_FROM
    assert message["Message-ID"] == "<m1@phonebank.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


class Inbox:
    """A mail server that keeps what it gets, and answers or leaves its client waiting."""

    def __init__(self, *, answers: bool) -> None:
        self.got: list[EmailMessage] = []
        self._answers = answers

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name.
        self.got.append(message_from_bytes(envelope.content, policy=policy.default))
        if not self._answers:
            await asyncio.Event().wait()
        return "250 OK"


@asynccontextmanager
async def mail_server(port: int, *, answers: bool = True) -> AsyncIterator[Inbox]:
    inbox = Inbox(answers=answers)
    controller = UnthreadedController(
        inbox, hostname="127.0.0.1", port=port, loop=asyncio.get_running_loop()
    )
    server = await controller._create_server()
    try:
        yield inbox
    finally:
        server.close()
        await server.wait_closed()


def settings_for(port: int, **more: Any) -> IdentitySettings:
    return IdentitySettings(
        phonebank_env="test",
        mongodb_url=more.pop("mongodb_url", "mongodb://unused"),
        kafka_bootstrap="unused:9092",
        token_key=SecretStr("t" * 32),
        service_key=SecretStr("s" * 32),
        vault_key=SecretStr("v" * 32),
        smtp_host="127.0.0.1",
        smtp_port=port,
        mail_from=MAIL_FROM,
        **more,
    )


async def test_letters_travel_by_smtp_on_one_connection_or_the_next() -> None:
    port = free_port()
    smtp = Smtp(settings_for(port))
    message = mime_of(letter, "m1", MAIL_FROM, AT)
    with pytest.raises(aiosmtplib.SMTPException):
        await smtp.send(message)
    async with mail_server(port) as inbox:
        await smtp.send(message)
        await smtp.send(message)
        await smtp.rest()
        await smtp.send(message)
        await smtp.rest()
    assert [each["Message-ID"] for each in inbox.got] == ["<m1@phonebank.example>"] * 3


async def start_mailer(database: Database, mongodb_url: str, port: int) -> Process:
    environment = {
        "PHONEBANK_ENV": "test",
        "MONGODB_URL": mongodb_url,
        "KAFKA_BOOTSTRAP": "unused:9092",
        "DATABASE_PREFIX": database.name.removesuffix("_identity"),
        "TOKEN_KEY": "t" * 32,
        "SERVICE_KEY": "s" * 32,
        "VAULT_KEY": "v" * 32,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "MAIL_FROM": MAIL_FROM,
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.identity.mailer", env=environment
    )


async def post_letter(outbox: Outbox, at: datetime) -> None:
    """A letter that is written and due."""
    await outbox.post("m", "resend", Wanted(email=ANN), fingerprint="", at=at)
    due = await outbox.claim(at)
    assert due is not None
    await outbox.keep_letter(due, letter, at)
    await outbox.postpone(due, at, reason="")


async def test_a_mailer_killed_while_sending_loses_nothing(
    outbox: Outbox, database: Database, mongodb_url: str
) -> None:
    port = free_port()
    rows = database["outbox"]
    await post_letter(outbox, datetime.now(UTC))
    async with mail_server(port, answers=False) as silent:
        first = await start_mailer(database, mongodb_url, port)

        async def in_flight() -> bool:
            return bool(silent.got)

        await eventually(in_flight, deadline_seconds=20, saying="the letter is on its way")
        first.send_signal(signal.SIGKILL)
        await first.wait()
    assert await rows.count_documents({"state": "waiting", "attempts": 2}) == 1
    await rows.update_one({}, {"$set": {"due_at": datetime.now(UTC)}})  # The lease ran out.
    async with mail_server(port) as inbox:
        second = await start_mailer(database, mongodb_url, port)

        async def settled() -> bool:
            return bool(await rows.find_one({"state": "sent"}))

        await eventually(settled, deadline_seconds=20, saying="the row is settled")
        second.send_signal(signal.SIGTERM)
        assert await second.wait() == 0
    ids = [each["Message-ID"] for each in (*silent.got, *inbox.got)]
    assert ids == ["<m@phonebank.example>"] * 2
