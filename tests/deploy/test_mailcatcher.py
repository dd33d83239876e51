"""A mail goes in by SMTP and comes out for tests and people; it survives a restart."""

import sys
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx

from deploy.embedded.child import LOOPBACK, Child
from deploy.embedded.mailbox import MESSAGES_MAX, Mailbox
from tests.support.backing import embedded, eventually, free_port

NOW = datetime(2026, 10, 20, 21, 0, tzinfo=UTC)


def mailcatcher(smtp_port: int, mail_port: int, folder: Path) -> Child:
    async def ready() -> bool:
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{mail_port}") as client:
            try:
                return (await client.get("/messages")).is_success
            except httpx.HTTPError:
                return False

    return Child(
        name="mailcatcher",
        argv=(sys.executable, "-m", "deploy.embedded.mailcatcher"),
        env={
            "SMTP_PORT": str(smtp_port),
            "MAIL_PORT": str(mail_port),
            "DATA_DIR": str(folder),
        },
        ready=ready,
    )


async def send(smtp_port: int, to: str, subject: str, text: str, html: str = "") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "phonebank@example.org", to, subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    await aiosmtplib.send(message, hostname=LOOPBACK, port=smtp_port)


async def test_a_mail_is_caught_shown_and_kept_through_kill_9(tmp_path: Path) -> None:
    smtp_port, mail_port = free_port(), free_port()
    async with (
        embedded(mailcatcher(smtp_port, mail_port, tmp_path), logs=tmp_path) as supervisor,
        httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{mail_port}") as client,
    ):
        await send(smtp_port, "jo@example.org", "First", "one")
        await send(smtp_port, "else@example.org", "Other", "two")
        await send(
            smtp_port,
            "Jo@example.org",
            "Confirm My Account é",
            "Follow http://localhost:8000/confirm?token=a_b&x=1.\n<script>alert(1)</script>",
            "<p>Follow it</p>",
        )
        found = (await client.get("/messages", params={"to": "jo@EXAMPLE.org"})).json()
        assert [message["subject"] for message in found] == ["Confirm My Account é", "First"]
        assert set(found[0]) == {"to", "subject", "text", "html", "received_at"}
        assert found[0]["html"] == "<p>Follow it</p>\n"

        page = await client.get("/mail/3")
        assert '<a href="http://localhost:8000/confirm?token=a_b&amp;x=1"' in page.text
        assert "<script>" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]

        killed = supervisor.running("mailcatcher")
        assert killed is not None
        killed.kill()
        await killed.wait()

        async def all_again() -> bool:
            try:
                return len((await client.get("/messages")).json()) == 3
            except httpx.HTTPError:
                return False

        await eventually(all_again, deadline_seconds=15, saying="the mail is there after kill -9")


def test_only_the_newest_thousand_are_kept_in_memory_and_on_disk(tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    for _ in range(2):
        mailbox = Mailbox(file)
        for number in range(MESSAGES_MAX + 50):
            mailbox.catch(f"Subject: {number}\n\nx".encode(), ["jo@example.org"], NOW)
    kept = Mailbox(file).newest_first()
    assert len(kept) == MESSAGES_MAX
    assert kept[0].subject == str(MESSAGES_MAX + 49)
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 2 * MESSAGES_MAX


def test_a_line_that_a_kill_cut_short_costs_only_that_message(tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    for subject in ("whole", "cut"):
        Mailbox(file).catch(f"Subject: {subject}\n\nx".encode(), ["jo@example.org"], NOW)
    file.write_bytes(file.read_bytes()[:-20])
    mailbox = Mailbox(file)
    assert [message.subject for message in mailbox.newest_first()] == ["whole"]
    mailbox.catch(b"Subject: after\n\nx", ["jo@example.org"], NOW)
    assert [message.subject for message in Mailbox(file).newest_first()] == ["after", "whole"]
