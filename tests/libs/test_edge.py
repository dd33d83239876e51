"""The front door: sessions are exchanged, other sites' pages and too large bodies are refused."""

from collections.abc import AsyncIterator
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.chassis.edge import (
    BodyLimit,
    OriginCheck,
    PlainPaths,
    SessionExchange,
    cookie_value,
    session_cookie,
)
from libs.chassis.problems import Unavailable, install

URL = "https://phonebank.example"
SIGNED = "aaa.bbb.ccc"


def echo() -> FastAPI:
    """Answers what a service would see."""
    app = FastAPI()
    install(app)

    @app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def answer(request: Request) -> dict[str, str | int | None]:
        body = await request.body()
        return {"authorization": request.headers.get("authorization"), "bytes": len(body)}

    return app


async def exchange(opaque: str) -> str | None:
    if opaque == "away":
        raise Unavailable
    return SIGNED if opaque == "opaque" else None


def client(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL)


def front() -> httpx.AsyncClient:
    return client(SessionExchange(echo(), exchange, cookie="__Host-session"))


@pytest.mark.parametrize(
    ("headers", "seen"),
    [
        ({}, None),
        ({"cookie": "__Host-session=opaque"}, f"Bearer {SIGNED}"),
        ({"cookie": "a=b; __Host-session=opaque; c=d"}, f"Bearer {SIGNED}"),
        ({"cookie": "__Host-session=ended"}, None),
        ({"cookie": "session=opaque"}, None),
        ({"cookie": "x__Host-session=opaque"}, None),
        ({"authorization": "Bearer opaque"}, f"Bearer {SIGNED}"),
        ({"authorization": "bearer opaque"}, f"Bearer {SIGNED}"),
        ({"authorization": "Bearer ended"}, None),
        ({"authorization": "Bearer x.y.z"}, "Bearer x.y.z"),
        ({"authorization": "Basic b3BhcXVl"}, "Basic b3BhcXVl"),
        ({"authorization": "Bearer ended", "cookie": "__Host-session=opaque"}, None),
        ({"authorization": "Bearer x.y.z", "cookie": "__Host-session=opaque"}, "Bearer x.y.z"),
    ],
)
async def test_a_session_becomes_a_signed_token(headers: dict[str, str], seen: str | None) -> None:
    async with front() as browser:
        answer = await browser.get("/", headers=headers)
    assert answer.json()["authorization"] == seen


async def test_an_exchange_that_cannot_be_made_is_a_problem() -> None:
    async with front() as browser:
        answer = await browser.get("/", headers={"authorization": "Bearer away"})
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"


async def test_what_is_no_request_passes() -> None:
    passed: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        passed.append(scope["type"])

    scope: Scope = {"type": "lifespan"}
    inner = SessionExchange(app, exchange, cookie="session")
    stack = BodyLimit(OriginCheck(inner, public_url=URL))
    await stack(scope, _never, _ignore)
    assert passed == ["lifespan"]


async def _never() -> dict[str, object]:
    raise AssertionError


async def _ignore(_: object) -> None:
    """Nobody listens."""


def test_the_cookie_is_bound_to_the_host_where_it_can_be() -> None:
    assert session_cookie("https://phonebank.example") == "__Host-session"
    assert session_cookie("http://localhost:8000") == "session"


def test_a_broken_cookie_is_none() -> None:
    assert cookie_value([(b"cookie", b"session")], "session") is None
    assert cookie_value([(b"cookie", b"\xff\xfe=session; ;;=")], "session") is None
    assert cookie_value([(b"cookie", b"a=b;session=opaque ; session=two")], "session") == "opaque"


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": URL}, False),
        ({"sec-fetch-site": "cross-site", "authorization": "Bearer x"}, False),
        ({"origin": URL}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "https://phonebank.example.evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://192.168.0.5:8000", "host": "192.168.0.5:8000"}, True),
        ({"authorization": "Bearer x"}, True),
        ({"cookie": "__Host-session=opaque"}, True),
        ({}, True),
    ],
)
async def test_only_our_own_pages_change_something(headers: dict[str, str], passes: bool) -> None:  # noqa: FBT001 - a parameter of the test.
    async with client(OriginCheck(echo(), public_url=URL)) as browser:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = await browser.request(method, "/", headers=headers)
            assert answer.status_code == (200 if passes else 403)
        assert (await browser.get("/", headers=headers)).status_code == 200
    if not passes:
        assert answer.json()["type"] == "/problems/cross-site"


def limited(app: FastAPI | None = None) -> httpx.AsyncClient:
    inner = BodyLimit(app or echo(), bytes_max=10, larger={("POST", "/big"): 20})
    return client(inner)


@pytest.mark.parametrize(
    ("path", "bytes_max"), [("/", 10), ("/big", 20), ("/bigger", 10), ("/big/x", 10)]
)
async def test_a_body_is_taken_up_to_its_limit(path: str, bytes_max: int) -> None:
    async with limited() as browser:
        whole = await browser.post(path, content=b"x" * bytes_max)
        more = await browser.post(path, content=b"x" * (bytes_max + 1))
    assert whole.json()["bytes"] == bytes_max
    assert more.status_code == 413
    assert more.json() | {"detail": ""} == {
        "type": "/problems/body-too-large",
        "title": "This is larger than we take.",
        "status": 413,
        "detail": "",
        "bytes_max": bytes_max,
    }


async def test_more_is_taken_by_one_method_only() -> None:
    async with limited() as browser:
        assert (await browser.put("/big", content=b"x" * 11)).status_code == 413


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("/", True),
        ("/calls/a.b/..c/...", True),
        ("/identity/metrics/.", False),
        ("/./identity", False),
        ("/voters/imports/../universes", False),
        ("/voters/imports/%2e%2E/universes", False),
        ("/voters/imports%2f..%2funiverses", False),
        ("/voters/imports/.%2e", False),
        ("/voters/%252e%252e/universes", False),
        ("/voters\\..\\universes", False),
    ],
)
async def test_dot_segments_are_refused_however_they_are_written(raw: str, plain: bool) -> None:  # noqa: FBT001 - a parameter of the test.
    passed: list[str] = []
    sent: list[Message] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        passed.append(scope["path"])

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "headers": [],
    }
    await PlainPaths(inner)(scope, _never, send)
    assert bool(passed) == plain
    if not plain:
        assert sent[0]["status"] == 400
        assert (b"content-type", b"application/problem+json") in sent[0]["headers"]


async def chunks(*sizes: int) -> AsyncIterator[bytes]:
    for size in sizes:
        yield b"x" * size


async def test_a_body_without_a_length_is_counted_as_it_comes() -> None:
    async with limited() as browser:
        whole = await browser.post("/", content=chunks(4, 4, 2))
        more = await browser.post("/", content=chunks(4, 4, 3, 1_000))
    assert whole.json()["bytes"] == 10
    assert more.status_code == 413
    assert more.json()["type"] == "/problems/body-too-large"


async def test_a_length_that_is_no_number_is_refused() -> None:
    async with limited() as browser:
        answer = await browser.post("/", content=b"", headers={"content-length": "ten"})
    assert answer.status_code == 413


async def test_a_fault_of_the_app_stays_its_own() -> None:
    app = FastAPI()

    @app.post("/")
    async def fail() -> None:
        raise LookupError

    async with limited(app) as browser:
        with pytest.raises(LookupError):
            await browser.post("/", content=b"x")
