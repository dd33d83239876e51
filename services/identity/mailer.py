"""Sends the outbox: at least once, the same Message-ID each time, later when the server is away."""

import asyncio
import contextlib
import random
import signal
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

import aiosmtplib
import structlog
from prometheus_client import Counter

from libs.chassis.clock import Now, server_clock
from libs.chassis.logging import configure_logging
from libs.database import PyMongoError, connect
from libs.eventstore.mongo import MongoLog
from services.identity.codes import CODE_LIFE
from services.identity.correspondence import Correspondence, NoLetter, NotYet
from services.identity.links import LINK_LIFE, RESET_LIFE
from services.identity.outbox import Due, Letter, Outbox
from services.identity.parts import Records, records_of
from services.identity.settings import IdentitySettings

POLL_SECONDS = 0.5
PURGE_EVERY = timedelta(hours=1)
SMTP_TIMEOUT_SECONDS = 30
RETRY_FIRST = timedelta(seconds=2)
RETRY_MAX = timedelta(minutes=15)
GIVE_UP_AFTER = timedelta(days=3)
# An older letter's link or code would die soon: it is written anew.
LETTER_FRESH_FOR = {
    "registration": LINK_LIFE / 2,
    "resend": LINK_LIFE / 2,
    "code": CODE_LIFE / 5,
    "reset": RESET_LIFE / 2,
    "password-changed": GIVE_UP_AFTER,  # It carries neither.
}
SMTP_PERMANENT = 500

Send = Callable[[EmailMessage], Awaitable[None]]

log = structlog.get_logger()

_mails = Counter("phonebank_mails", "Mails by what became of a try to send them.", ["outcome"])


class Mailer:
    """Works the outbox off, one letter after another; any number of mailers may run."""

    def __init__(
        self,
        outbox: Outbox,
        correspondence: Correspondence,
        send: Send,
        *,
        mail_from: str,
        now: Now,
    ) -> None:
        self._outbox = outbox
        self._correspondence = correspondence
        self._send = send
        self._mail_from = mail_from
        self._now = now

    async def send_next(self) -> bool:
        """Deal with one row that is due; False when none is."""
        due = await self._outbox.claim(self._now())
        if due is None:
            return False
        letter = await self._letter(due)
        if letter is not None:
            await self._try(due, letter)
        return True

    async def _letter(self, due: Due) -> Letter | None:
        at = self._now()
        fresh_for = LETTER_FRESH_FOR[due.kind]
        if due.letter and due.letter_at and at - due.letter_at < fresh_for:
            return due.letter
        match await self._correspondence.write(due, at):
            case NotYet():
                await self._outbox.postpone(due, at + RETRY_FIRST, reason="awaits its fact")
            case NoLetter(reason=reason):
                await self._outbox.settle(due, "dropped", reason=reason, at=at)
                _mails.labels("dropped").inc()
            case Letter() as letter:
                await self._outbox.keep_letter(due, letter, at)
                return letter
        return None

    async def _try(self, due: Due, letter: Letter) -> None:
        message = mime_of(letter, due.mail_id, self._mail_from, due.posted_at)
        try:
            await self._send(message)
        except (aiosmtplib.SMTPException, OSError) as error:
            await self._failed(due, error)
        else:
            await self._outbox.settle(due, "sent", reason="", at=self._now())
            _mails.labels("sent").inc()
            log.info("mail sent", mail_id=due.mail_id, attempt=due.attempt)

    async def _failed(self, due: Due, error: Exception) -> None:
        """A refusal for good and a server that stayed away for days end it; all else is retried."""
        at, reason = self._now(), type(error).__name__
        if _is_permanent(error) or at - due.posted_at > GIVE_UP_AFTER:
            await self._outbox.settle(due, "failed", reason=reason, at=at)
            _mails.labels("failed").inc()
            log.warning("mail refused", mail_id=due.mail_id, attempt=due.attempt, error=reason)
            return
        wait = min(RETRY_FIRST * 2 ** min(due.attempt - 1, 16), RETRY_MAX)
        wait *= random.uniform(0.8, 1.2)  # noqa: S311 - spreads retries, guards nothing.
        await self._outbox.postpone(due, at + wait, reason=reason)
        _mails.labels("postponed").inc()
        log.warning("mail postponed", mail_id=due.mail_id, attempt=due.attempt, error=reason)


class Smtp:
    """One connection to the mail server, kept while letters follow each other."""

    def __init__(self, settings: IdentitySettings) -> None:
        start_tls = {"auto": None, "starttls": True, "tls": False}[settings.smtp_security]
        self._client = aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_username or None,
            password=settings.smtp_password or None,
            use_tls=settings.smtp_security == "tls",
            start_tls=start_tls,
            timeout=SMTP_TIMEOUT_SECONDS,
        )

    async def send(self, message: EmailMessage) -> None:
        """Hand a message over. Raises SMTPException and OSError."""
        if not self._client.is_connected:
            await self._client.connect()
        try:
            await self._client.send_message(message)
        except (aiosmtplib.SMTPException, OSError):
            self._client.close()
            raise

    async def rest(self) -> None:
        """Say goodbye while there is nothing to send."""
        if self._client.is_connected:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit()


def mime_of(letter: Letter, mail_id: str, mail_from: str, at: datetime) -> EmailMessage:
    """The letter as text and HTML; its Message-ID is the row's, so a repeat is seen as one."""
    name, address = parseaddr(mail_from)
    message = EmailMessage()
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{mail_id}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _is_permanent(error: Exception) -> bool:
    """Whether the server will say the same tomorrow: there is no such mailbox."""
    return isinstance(error, aiosmtplib.SMTPRecipientsRefused) and all(
        refused.code >= SMTP_PERMANENT for refused in error.recipients
    )


async def keep_sending(mailer: Mailer, smtp: Smtp, records: Records, now: Now) -> None:
    """Run until cancelled."""
    purge_at = now()
    while True:
        try:
            if now() >= purge_at:
                await records.purge(now())
                purge_at = now() + PURGE_EVERY
            while await mailer.send_next():
                pass
        except PyMongoError as error:
            log.warning("outbox not read", error=type(error).__name__)
        await smtp.rest()
        await asyncio.sleep(POLL_SECONDS)


async def run(settings: IdentitySettings) -> None:
    """The process: send until told to stop; a letter in flight is finished or sent again later."""
    configure_logging("identity-mailer", settings.log_level)
    client = connect(settings.mongodb_url, pool_size=4)
    database = client[settings.database("identity")]
    event_log = MongoLog(database, settings.topic("identity"), settings.partitions)
    now = server_clock(settings.clock_offset_seconds)
    records = records_of(settings, event_log, database)
    smtp = Smtp(settings)
    mailer = Mailer(
        records.outbox, records.correspondence, smtp.send, mail_from=settings.mail_from, now=now
    )
    sending = asyncio.create_task(keep_sending(mailer, smtp, records, now))
    for stop in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(stop, sending.cancel)
    log.info("mailer started", smtp=f"{settings.smtp_host}:{settings.smtp_port}")
    with contextlib.suppress(asyncio.CancelledError):
        await sending
    await event_log.close()
    await client.close()


if __name__ == "__main__":
    asyncio.run(run(IdentitySettings()))
