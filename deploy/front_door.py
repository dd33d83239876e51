"""The front door: which service answers at a path, and what every request meets before it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deploy.processes import SERVICES
from libs.chassis.edge import (
    BodyLimit,
    Exchange,
    OriginCheck,
    PlainPaths,
    SessionExchange,
    session_cookie,
)
from libs.chassis.pages.problem_pages import ProblemPages
from libs.chassis.pages.security import SecurityHeaders

# The first segment of a path names the service; pages live at short addresses of their own.
_PAGES = {
    "identity": (
        "",
        "set-up",
        "sign-up",
        "register",
        "check-mail",
        "confirm",
        "log-in",
        "forgot",
        "reset",
        "invitations",
        "organizations",
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
    "team": "identity",
}
_CAMPAIGNS = "/campaigns/"
_SEGMENTS_OF_A_CAMPAIGN = 3
_UPLOAD = ("POST", "/voters/imports")
_UPLOAD_BYTES_MAX = 2 * 1024**3
_REQUEST_ID = b"x-request-id"
_BY_SEGMENT = {service: service for service in SERVICES} | {
    segment: service for service, segments in _PAGES.items() for segment in segments
}


def service_at(path: str) -> str:
    """The service that answers at `path`; an address that is nobody's gets identity's page."""
    segments = path.split("/", 4)
    if path.startswith(_CAMPAIGNS) and len(segments) > _SEGMENTS_OF_A_CAMPAIGN:
        return _CAMPAIGN_PAGES.get(segments[3], "gotv")
    first = segments[1] if len(segments) > 1 else ""
    if first == "static":
        first = "/".join(segments[2:3])
    return _BY_SEGMENT.get(first, "identity")


def behind_the_door(
    app: ASGIApp, exchange: Exchange, *, public_url: str, production: bool
) -> ASGIApp:
    """`app` with sessions exchanged, other sites refused, bodies and paths bounded, pages safe.

    A person whose browser meets a problem on the way gets it as a page.
    """
    door: ASGIApp = SessionExchange(app, exchange, cookie=session_cookie(public_url))
    door = OriginCheck(door, public_url=public_url)
    # The importer's own limit, which explains itself, lies below this one.
    door = BodyLimit(door, larger={_UPLOAD: _UPLOAD_BYTES_MAX})
    door = PlainPaths(door)
    door = ProblemPages(door)
    door = SecurityHeaders(door, production=production)
    return RequestIds(door)


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
