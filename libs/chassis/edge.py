"""The front door, before any service: who comes with a session, from which page, with how much."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.chassis.problems import problem, refusal_problem
from libs.decider import Forbidden, Refusal

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
BODY_BYTES_MAX = 256 * 1024

_SIGNED_TOKEN_DOTS = 2
_DOT_SEGMENTS = frozenset({b".", b".."})

Exchange = Callable[[str], Awaitable[str | None]]
Headers = list[tuple[bytes, bytes]]


class CrossSite(Forbidden):
    """This request came from another site's page; open this site itself and try again."""


def session_cookie(public_url: str) -> str:
    """The session cookie's name: bound to this very host where the site speaks https."""
    return "__Host-session" if public_url.startswith("https://") else "session"


def cookie_value(headers: Iterable[tuple[bytes, bytes]], name: str) -> str | None:
    """The value of a cookie in raw ASGI headers; the first one wins."""
    wanted = name.encode()
    for key, value in headers:
        if key != b"cookie" or wanted not in value:
            continue
        for pair in value.split(b";"):
            given, equals, content = pair.strip().partition(b"=")
            if given == wanted and equals:
                return content.decode("latin-1")
    return None


class SessionExchange:
    """An opaque session (cookie, or Bearer) becomes `Authorization: Bearer <signed token>`.

    A signed token is left alone, and counts before a cookie. A session that has ended is taken
    away, so the request goes on as a visitor's. A Refusal of `exchange` is answered as a problem.
    """

    def __init__(self, app: ASGIApp, exchange: Exchange, *, cookie: str) -> None:
        self._app = app
        self._exchange = exchange
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers: Headers = scope["headers"]
        given = _header(headers, b"authorization")
        opaque = cookie_value(headers, self._cookie) if given is None else _opaque(given)
        if opaque is None:
            await self._app(scope, receive, send)
            return
        try:
            signed = await self._exchange(opaque)
        except Refusal as refusal:
            await refusal_problem(refusal)(scope, receive, send)
            return
        exchanged = [each for each in headers if each[0] != b"authorization"]
        if signed is not None:
            exchanged.append((b"authorization", b"Bearer " + signed.encode()))
        await self._app({**scope, "headers": exchanged}, receive, send)


class PlainPaths:
    """Refuses an address with a `.` or `..` segment, however it is written.

    Whoever passes a request on may work such segments out, and so reach another address than the
    one that the checks here looked at. Browsers and clients work them out before they ask.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and has_dot_segments(scope):
            await _not_plain(scope, receive, send)
            return
        await self._app(scope, receive, send)


def has_dot_segments(scope: Scope) -> bool:
    """Whether a segment of the path is `.` or `..`, as sent or as decoded, once or once more."""
    raw: bytes = scope.get("raw_path") or b""
    decoded: bytes = scope["path"].encode("utf-8", "surrogateescape")
    return any(
        not _DOT_SEGMENTS.isdisjoint(path.replace(b"\\", b"/").split(b"/"))
        for path in (raw, unquote_to_bytes(raw), decoded, unquote_to_bytes(decoded))
    )


async def _not_plain(scope: Scope, receive: Receive, send: Send) -> None:
    answer = problem(
        400,
        "path-not-plain",
        "This address has a part that is only dots.",
        "Write the address out in full, without . or .. between its slashes.",
    )
    await answer(scope, receive, send)


class OriginCheck:
    """Refuses what changes something and comes from another site's page.

    Browsers say where a request comes from in Sec-Fetch-Site; older ones, and all on plain http, in
    Origin. A request with neither is no browser's: it cannot have been forged by a page.
    """

    def __init__(self, app: ASGIApp, *, public_url: str) -> None:
        self._app = app
        self._origin = _origin(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers: Headers = scope["headers"]
            if not self._is_welcome(headers):
                await refusal_problem(CrossSite())(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_welcome(self, headers: Headers) -> bool:
        site = _header(headers, b"sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = _header(headers, b"origin")
        if origin is None or origin == self._origin:
            return True
        host = _header(headers, b"host")
        return bool(host) and urlsplit(origin).netloc == host


class BodyLimit:
    """Refuses a body that is larger than we take, before or while it is read.

    `larger` names the methods and exact paths that take more, in bytes.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        bytes_max: int = BODY_BYTES_MAX,
        larger: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        self._app = app
        self._bytes_max = bytes_max
        self._larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        bytes_max = self._larger.get((scope["method"], scope["path"]), self._bytes_max)
        declared = _header(scope["headers"], b"content-length")
        if declared is not None and (not declared.isdecimal() or int(declared) > bytes_max):
            await _too_large(bytes_max, scope, receive, send)
            return
        counted = _Counted(bytes_max, scope, receive, send)
        try:
            await self._app(scope, counted.receive, counted.send)
        except Exception:
            if not counted.cut_off:
                raise


class _Counted:
    """One request whose body is counted; past the limit we answer, and the app hears no more."""

    def __init__(self, bytes_max: int, scope: Scope, receive: Receive, send: Send) -> None:
        self.cut_off = False
        self._bytes_left = bytes_max
        self._bytes_max = bytes_max
        self._scope = scope
        self._receive = receive
        self._send = send
        self._answering = False

    async def receive(self) -> Message:
        """The next message, or a disconnect once the body is too large."""
        if self.cut_off:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._bytes_left -= len(message.get("body", b""))
        if self._bytes_left >= 0:
            return message
        self.cut_off = True
        if not self._answering:
            await _too_large(self._bytes_max, self._scope, self._receive, self._send)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """The app's answer, unless we gave ours."""
        if not self.cut_off:
            self._answering = True
            await self._send(message)


async def _too_large(bytes_max: int, scope: Scope, receive: Receive, send: Send) -> None:
    answer: Any = problem(
        413,
        "body-too-large",
        "This is larger than we take.",
        f"Send at most {bytes_max} bytes here, or the same in smaller parts.",
        headers={"connection": "close"},
        bytes_max=bytes_max,
    )
    await answer(scope, receive, send)


def _opaque(authorization: str) -> str | None:
    """The token of `Bearer <opaque>`; None for a signed one (it has two dots) and other schemes."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or token.count(".") == _SIGNED_TOKEN_DOTS:
        return None
    return token.strip()


def _header(headers: Headers, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in headers if key == name), None)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
