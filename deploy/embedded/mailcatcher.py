"""The demo's post office: takes every mail by SMTP, sends none on, shows them to people."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deploy.embedded.child import LOOPBACK
from deploy.embedded.mailbox import Mailbox, readable

PAGES = Path(__file__).with_name("mail_pages")
_SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
        " form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_templates = Environment(loader=FileSystemLoader(PAGES), autoescape=True)


class Catcher:
    """What aiosmtpd asks: every recipient is welcome, every message is kept."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd names it
        """Keep the message before it is acknowledged."""
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else content or b""
        self._mailbox.catch(raw, envelope.rcpt_tos, datetime.now(UTC))
        return "250 Caught"


def create_app(mailbox: Mailbox, smtp_port: int, host: str = LOOPBACK) -> Starlette:
    """The pages; their lifespan also opens the SMTP door."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(Catcher(mailbox), enable_SMTPUTF8=True, hostname="localhost"),
            host=host,
            port=smtp_port,
        )
        async with server:
            yield

    async def read_messages(request: Request) -> Response:
        messages = mailbox.newest_first(request.query_params.get("to"))
        return JSONResponse(
            [message.model_dump(mode="json", exclude={"number"}) for message in messages]
        )

    async def read_inbox(request: Request) -> Response:
        to = request.query_params.get("to", "").strip()
        messages = mailbox.newest_first(to or None)
        return _page("inbox.html", messages=messages, to=to)

    async def read_message(request: Request) -> Response:
        message = mailbox.find(request.path_params["number"])
        if message is None:
            return _page("gone.html", status=404)
        return _page("message.html", message=message, pieces=readable(message))

    async def read_style(_request: Request) -> Response:
        return FileResponse(PAGES / "mail.css", media_type="text/css")

    return Starlette(
        routes=[
            Route("/", read_inbox),
            Route("/messages", read_messages),
            Route("/mail/{number:int}", read_message),
            Route("/mail.css", read_style),
        ],
        lifespan=lifespan,
    )


def _page(template: str, *, status: int = 200, **shown: object) -> HTMLResponse:
    html = _templates.get_template(template).render(**shown)
    return HTMLResponse(html, status_code=status, headers=_SECURITY)


def main() -> None:
    """Serve until told to stop; ports and folder come from the environment.

    LISTEN_HOST is for a container of its own; on a machine nobody else is to read this mail.
    """
    host = os.environ.get("LISTEN_HOST", LOOPBACK)
    mailbox = Mailbox(Path(os.environ["DATA_DIR"]) / "mail" / "messages.jsonl")
    uvicorn.run(
        create_app(mailbox, int(os.environ["SMTP_PORT"]), host),
        host=host,
        port=int(os.environ["MAIL_PORT"]),
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
