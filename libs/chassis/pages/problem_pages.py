"""A problem that a person's browser meets, as a page; programs go on getting problem+json."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import orjson
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.chassis.pages.shell import REFUSED, Pages

_PROBLEM = "application/problem+json"
_REQUEST_ID = "x-request-id"
_REQUEST_ID_LENGTH_MAX = 64
_PASSING = frozenset({408, 429})
_OURS = 500
_UNAUTHORIZED = 401
_OF_PEOPLE = frozenset({"GET", "HEAD", "POST"})
_NOT_OF_THE_PAGE = frozenset({"content-type", "content-length", "www-authenticate"})
# What is said to a program that does not help a person: header names, methods, openapi.json.
_FOR_PEOPLE = {
    "/problems/internal": "It is not your doing. Please try again in a moment.",
    "/problems/method-not-allowed": "There is nothing to look at here; check it for a slip.",
    "/problems/too-many-requests": "Too many tries; wait a moment, then try again.",
    "/problems/unsupported-media-type": (
        "The form was sent before its page had loaded, so nothing was recorded. "
        "Go back, then try again."
    ),
    "/problems/too-many": "Too many tries; wait a moment, then try again.",
}


class ProblemPages:
    """ASGI middleware: a person's request that would rather have HTML gets its problem as a page.

    A form that was posted leads back to the page it stands on, for its own address shows nothing.
    The status and headers stay. The page names the request: by its own X-Request-Id, or by one that
    is made here and passed on, so that logs can be searched for it. The files of the page are
    served here too, for the service that else would serve them may be away.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._pages = Pages("front-door")
        self._files_at = self._pages.static_path + "/"
        self._files = Starlette(
            routes=[Mount(self._pages.static_path, self._pages.static_app(), name="static")]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or scope["method"] not in _OF_PEOPLE:
            await self._app(scope, receive, send)
        elif scope["path"].startswith(self._files_at) and scope["method"] != "POST":
            await self._files(scope, receive, send)
        elif prefers_page(scope["headers"]):
            answer = _Answer(self._pages, scope, receive, send)
            await self._app(answer.scope, receive, answer.send)
        else:
            await self._app(scope, receive, send)


class _Answer:
    """One answer, held back once it turns out to be a problem, until its page can be made."""

    def __init__(self, pages: Pages, scope: Scope, receive: Receive, send: Send) -> None:
        self._pages = pages
        self._receive = receive
        self._send = send
        self._start: Message | None = None
        self._body = b""
        given = Headers(scope=scope).get(_REQUEST_ID, "")[:_REQUEST_ID_LENGTH_MAX]
        self._made = not given
        self._request_id = given or uuid4().hex
        self.scope = scope
        if self._made:
            name = (_REQUEST_ID.encode(), self._request_id.encode())
            self.scope = {**scope, "headers": [*scope["headers"], name]}

    async def send(self, message: Message) -> None:
        """Pass on what is no problem; answer a problem with its page."""
        if message["type"] == "http.response.start" and _is_problem(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._page(self._start)(self.scope, self._receive, self._send)

    def _page(self, start: Message) -> Response:
        status: int = start["status"]
        problem = _read(self._body)
        title = str(problem.get("title", "That cannot be done now"))
        detail = _FOR_PEOPLE.get(str(problem.get("type")), str(problem.get("detail", "")))
        page = self._pages.answer(
            "failed.html",
            status=status,
            title=REFUSED.get(status, title),
            detail=detail,
            action=self._action(status),
            request_id=self._request_id,
        )
        for name, value in MutableHeaders(raw=start["headers"]).items():
            if name not in _NOT_OF_THE_PAGE:
                page.headers[name] = value
        if self._made:
            page.headers[_REQUEST_ID] = self._request_id
        if self.scope["method"] == "HEAD":
            page.body = b""
        return page

    def _action(self, status: int) -> dict[str, str] | None:
        """What the person may do next: the same page once more, or the log-in form first."""
        is_posted = self.scope["method"] == "POST"
        page = _page_of_the_form(Headers(scope=self.scope)) if is_posted else _address(self.scope)
        if status == _UNAUTHORIZED:
            return {"label": "Log in", "href": f"/log-in?next={quote(page or '/', safe='/')}"}
        if is_posted:
            return {"label": "Go back", "href": page} if page else None
        if status >= _OURS or status in _PASSING:
            return {"label": "Try again", "href": ""}
        return None


def prefers_page(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether Accept names text/html, and no JSON that is as welcome."""
    weights: dict[str, float] = {}
    for name, value in headers:
        if name == b"accept":
            for each in value.decode("latin-1").lower().split(","):
                kind, _, rest = each.partition(";")
                weights[kind.strip()] = _weight(rest)
    page = weights.get("text/html", 0.0)
    return page > max(weights.get("application/json", 0.0), weights.get(_PROBLEM, 0.0))


def _address(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return str(scope["path"]) + (f"?{query}" if query else "")


def _page_of_the_form(headers: Headers) -> str | None:
    """The page of this site that a form was posted from, if the browser tells."""
    try:
        came_from = urlsplit(headers.get("referer", ""))
    except ValueError:
        return None
    if came_from.netloc != headers.get("host") or not came_from.path.startswith("/"):
        return None
    # Two slashes at the start would name another host.
    path = "/" + came_from.path.lstrip("/")
    return path + (f"?{came_from.query}" if came_from.query else "")


def _weight(parameters: str) -> float:
    for each in parameters.split(";"):
        name, _, value = each.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _is_problem(start: Message) -> bool:
    kind = MutableHeaders(raw=start.get("headers", [])).get("content-type", "")
    return kind.partition(";")[0].strip() == _PROBLEM


def _read(body: bytes) -> dict[str, Any]:
    """The problem; nothing of it is known where it was asked for by HEAD."""
    try:
        problem = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return problem if isinstance(problem, dict) else {}
