"""One web process with the five services on one origin: what a gateway does in a cluster."""

import contextlib
from collections.abc import AsyncIterator, Mapping

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.chassis.edge import BodyLimit, OriginCheck, SessionExchange, session_cookie
from libs.chassis.memory import settle_memory
from libs.chassis.pages.security import SecurityHeaders
from libs.chassis.settings import Settings
from services.gotv.app import create_app as create_gotv
from services.identity.app import create_app as create_identity
from services.queue.app import create_app as create_queue
from services.results.app import create_app as create_results
from services.voters.app import create_app as create_voters

# The first segment of a path names the service; pages live at short addresses of their own.
_PAGES = {
    "identity": (
        "",
        "sign-up",
        "register",
        "check-mail",
        "confirm",
        "log-in",
        "forgot",
        "reset",
        "invitations",
        "you",
    ),
    "queue": ("calls", "call"),
    "gotv": ("campaigns", "phone-banks"),
}
# What follows /campaigns/<id>/ where the page is another service's than the campaign's own.
_CAMPAIGN_PAGES = {
    "imports": "voters",
    "universes": "voters",
    "set-up": "queue",
    "calls": "results",
}
_CAMPAIGNS = "/campaigns/"
_SEGMENTS_OF_A_CAMPAIGN = 3
_UPLOAD_BYTES_MAX = 2 * 1024**3
_REQUEST_ID = b"x-request-id"


def create_web() -> ASGIApp:
    """The front door around the five apps, from the environment."""
    settings = Settings()
    identity = create_identity()
    apps = {
        "identity": identity,
        "voters": create_voters(),
        "queue": create_queue(),
        "results": create_results(),
        "gotv": create_gotv(),
    }

    async def exchange(opaque: str) -> str | None:
        signed: str | None = await identity.state.exchange(opaque)
        return signed

    door: ASGIApp = OneOrigin(apps)
    door = SessionExchange(door, exchange, cookie=session_cookie(settings.public_url))
    door = OriginCheck(door, public_url=settings.public_url)
    # The importer's own limit, which explains itself, lies below this one.
    door = BodyLimit(door, larger={"/voters/imports": _UPLOAD_BYTES_MAX})
    door = SecurityHeaders(door, production=settings.phonebank_env == "production")
    return RequestIds(door)


class OneOrigin:
    """Hands each request to the service that its first path segment names."""

    def __init__(self, apps: Mapping[str, FastAPI]) -> None:
        self._apps = apps
        self._by_segment: dict[str, ASGIApp] = dict(apps)
        for service, segments in _PAGES.items():
            self._by_segment.update(dict.fromkeys(segments, apps[service]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        await self._app_for(scope["path"])(scope, receive, send)

    def _app_for(self, path: str) -> ASGIApp:
        segments = path.split("/", 4)
        if path.startswith(_CAMPAIGNS) and len(segments) > _SEGMENTS_OF_A_CAMPAIGN:
            return self._apps[_CAMPAIGN_PAGES.get(segments[3], "gotv")]
        first = segments[1] if segments[1] != "static" else "/".join(segments[2:3])
        # An address that is nobody's gets identity's page for it.
        return self._by_segment.get(first, self._apps["identity"])

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self._open():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except BaseException as error:
            await send({"type": "lifespan.startup.failed", "message": repr(error)})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    @contextlib.asynccontextmanager
    async def _open(self) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for app in self._apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            settle_memory()
            yield


class RequestIds:
    """Answers with the request's own X-Request-Id, so that both ends can name it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        given = None
        if scope["type"] == "http":
            given = next((value for name, value in scope["headers"] if name == _REQUEST_ID), None)
        if given is None:
            await self._app(scope, receive, send)
            return

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (_REQUEST_ID, given[:64])]
            await send(message)

        await self._app(scope, receive, send_named)
