"""The gateway of a house of containers: who answers, who is asked, what is passed on."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from pydantic import SecretStr
from starlette.types import Message, Scope

from deploy.front_door import service_at
from deploy.gateway import EXCHANGE, GatewaySettings, create_gateway, passed_on
from libs.chassis.clock import server_clock
from libs.chassis.tokens import ServiceTokens

SIGNED = "aaa.bbb.ccc"
KEY = "k" * 44
SETTINGS = GatewaySettings(
    phonebank_env="demo", public_url="http://phonebank.test", service_key=SecretStr(KEY)
)


def answered(status: int, body: object, **headers: str) -> httpx.Response:
    """An answer as it comes over a wire: not read yet."""
    stream = httpx.ByteStream(json.dumps(body).encode())
    return httpx.Response(status, stream=stream, headers=headers)


class Services:
    """The services behind the gateway, as a transport; identity may be away."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.bodies: list[bytes] = []
        self.identity_is_away = False
        self.answer: Callable[[], httpx.Response] = lambda: answered(200, {})

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        if request.url.host == "web-identity" and self.identity_is_away:
            raise httpx.ConnectError("away")
        if request.url.path == EXCHANGE:
            ServiceTokens(KEY, "identity").verify(
                request.headers["x-service-token"], server_clock(0)()
            )
            is_known = json.loads(body) == {"token": "opaque"}
            return httpx.Response(200, json={"token": SIGNED if is_known else None})
        self.asked.append(request)
        self.bodies.append(body)
        return self.answer()


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
async def browser(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    app = create_gateway(SETTINGS, httpx.MockTransport(services))
    transport = httpx.ASGITransport(app, client=("198.51.100.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://phonebank.test") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/", "identity"),
        ("/log-in", "identity"),
        ("/set-up", "identity"),
        ("/organizations/dvc-palo-alto", "identity"),
        ("/campaigns/c-1/team", "identity"),
        ("/nobody/knows", "identity"),
        ("/queue/phone-banks", "queue"),
        ("/calls/dvc-palo-alto", "queue"),
        ("/call/b-1", "queue"),
        ("/results/calls", "results"),
        ("/campaigns/c-1", "gotv"),
        ("/campaigns/c-1/phone-banks/b-1", "gotv"),
        ("/campaigns/c-1/imports/new", "voters"),
        ("/campaigns/c-1/set-up", "queue"),
        ("/static/gotv/board.js", "gotv"),
        ("", "identity"),
    ],
)
def test_a_path_names_its_service(path: str, service: str) -> None:
    assert service_at(path) == service


async def test_a_session_is_exchanged_and_the_command_passed_on_whole(
    services: Services, browser: httpx.AsyncClient
) -> None:
    services.answer = lambda: answered(201, {"call_id": "c"}, kept="1")
    answer = await browser.post(
        "/results/calls?a=b%20c",
        json={"ticket": "t"},
        headers={
            "cookie": "session=opaque",
            "idempotency-key": "k-1",
            "x-service-token": "made up",
            "x-forwarded-for": "203.0.113.9",
        },
    )
    assert (answer.status_code, answer.json(), answer.headers["kept"]) == (
        201,
        {"call_id": "c"},
        "1",
    )
    (asked,) = services.asked
    assert str(asked.url) == "http://web-results:8000/results/calls?a=b%20c"
    assert services.bodies == [b'{"ticket":"t"}']
    assert asked.headers["authorization"] == f"Bearer {SIGNED}"
    assert asked.headers["idempotency-key"] == "k-1"
    assert asked.headers["host"] == "phonebank.test"
    assert asked.headers["x-forwarded-for"] == "198.51.100.7"
    assert "x-service-token" not in asked.headers
    assert "content-security-policy" in answer.headers


async def test_a_session_that_is_over_goes_on_as_a_visitors(
    services: Services, browser: httpx.AsyncClient
) -> None:
    await browser.get("/calls/dvc", headers={"cookie": "session=ended"})
    assert "authorization" not in services.asked[0].headers


async def test_callers_go_on_while_identity_is_away_and_strangers_are_told_to_wait(
    services: Services, browser: httpx.AsyncClient
) -> None:
    known = {"authorization": "Bearer opaque"}
    await browser.get("/queue/phone-banks", headers=known)
    services.identity_is_away = True
    assert (await browser.get("/queue/phone-banks", headers=known)).status_code == 200
    assert services.asked[-1].headers["authorization"] == f"Bearer {SIGNED}"
    stranger = await browser.get("/queue/phone-banks", headers={"authorization": "Bearer other"})
    assert stranger.status_code == 503
    log_in = await browser.get("/log-in")
    assert (log_in.status_code, log_in.headers["retry-after"]) == (503, "1")
    assert log_in.headers["content-type"] == "application/problem+json"


async def test_a_person_reads_a_page_while_a_service_is_away(
    services: Services, browser: httpx.AsyncClient
) -> None:
    services.identity_is_away = True
    page = await browser.get("/log-in?next=/you", headers={"accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.headers["retry-after"]) == (503, "1")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert "nothing was recorded; please try again in a moment" in page.text
    assert '<a class="button button-primary" href="">Try again</a>' in page.text
    assert page.headers["x-request-id"] in page.text
    assert "script-src 'self';" in page.headers["content-security-policy"]
    # What the page loads comes from here, whatever service is away.
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert {file.split("/")[2] for file in files} == {"front-door"}
    for file in files:
        assert (await browser.get(file)).status_code == 200


async def test_a_session_that_cannot_be_asked_about_is_a_page_too(
    services: Services, browser: httpx.AsyncClient
) -> None:
    services.identity_is_away = True
    headers = {"accept": "text/html", "cookie": "session=opaque", "x-request-id": "r-1"}
    page = await browser.get("/calls/dvc", headers=headers)
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "<code>r-1</code>" in page.text
    assert page.headers.get_list("x-request-id") == ["r-1"]


async def test_a_problem_of_a_service_is_a_page_for_a_person_alone(
    services: Services, browser: httpx.AsyncClient
) -> None:
    problem = {"type": "/problems/not-found", "title": "Not Found", "detail": "Not <here>."}
    kind = {"content-type": "application/problem+json", "allow": "GET"}
    services.answer = lambda: answered(404, problem, **kind)
    page = await browser.get("/campaigns/x/foo", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["allow"]) == (404, "GET")
    assert "Not &lt;here&gt;." in page.text
    assert "Try again" not in page.text
    assert "x-request-id" in services.asked[-1].headers
    program = await browser.get("/campaigns/x/foo", headers={"accept": "application/json"})
    assert program.json() == problem
    assert "x-request-id" not in program.headers
    figures = await browser.get("/queue/metrics", headers={"accept": "text/html"})
    assert (figures.status_code, figures.headers["content-type"]) == (
        404,
        "text/html; charset=utf-8",
    )


async def test_other_sites_pages_and_the_figures_of_operation_are_refused(
    services: Services, browser: httpx.AsyncClient
) -> None:
    forged = await browser.post("/results/calls", headers={"origin": "https://evil.example"})
    assert forged.status_code == 403
    assert (await browser.get("/queue/metrics")).status_code == 404
    assert (await browser.post("/queue/x", content=b"x" * 300_000)).status_code == 413
    assert services.asked == []
    assert (await browser.get("/gateway/livez")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/identity/metrics/.",
        "/identity/metrics/%2e",
        "/voters/imports/../universes",
        "/voters/imports/%2E%2e/universes",
        "/voters/imports%2f..%2funiverses",
    ],
)
async def test_no_way_leads_around_the_checks(services: Services, path: str) -> None:
    """A client of httpx would work the dots out itself, so the address comes as bytes."""
    app = create_gateway(SETTINGS, httpx.MockTransport(services))
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http", "method": "POST", "path": unquote(path), "raw_path": path.encode(),
        "query_string": b"", "headers": [(b"host", b"phonebank.test")], "client": None,
    }  # fmt: skip
    await app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert json.loads(sent[1]["body"])["type"] == "/problems/path-not-plain"
    assert services.asked == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/voters/imports", 200),
        ("PUT", "/voters/imports", 413),
        ("POST", "/voters/importsxyz", 413),
        ("POST", "/voters/imports/i-1/confirm", 413),
    ],
)
async def test_only_an_upload_may_be_large(
    browser: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await browser.request(method, path, content=b"x" * 300_000)
    assert answer.status_code == status


def test_what_belongs_to_one_connection_is_not_passed_on() -> None:
    headers = [
        (b"Connection", b"keep-alive, X-Mine"),
        (b"X-Mine", b"1"),
        (b"Transfer-Encoding", b"chunked"),
        (b"Accept", b"*/*"),
    ]
    assert passed_on(headers) == [(b"accept", b"*/*")]


class Endless(httpx.AsyncByteStream):
    """A live stream that says one thing, and then nothing until it is closed."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"data: 1\n\n"
        await asyncio.Event().wait()

    async def aclose(self) -> None:
        self.closed.set()


async def test_a_live_stream_comes_as_it_is_said_and_ends_with_its_watcher(
    services: Services,
) -> None:
    stream = Endless()
    services.answer = lambda: httpx.Response(200, stream=stream)
    app = create_gateway(SETTINGS, httpx.MockTransport(services))
    sent: asyncio.Queue[Message] = asyncio.Queue()
    leaves = asyncio.Event()
    told = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        if (message := next(told, None)) is not None:
            return message
        await leaves.wait()
        return {"type": "http.disconnect"}

    scope: Scope = {
        "type": "http", "method": "GET", "path": "/gotv/x/live", "raw_path": b"/gotv/x/live",
        "query_string": b"", "headers": [(b"host", b"phonebank.test")], "client": None,
    }  # fmt: skip
    async with asyncio.timeout(5):
        watching = asyncio.ensure_future(app(scope, receive, sent.put))
        assert (await sent.get())["status"] == 200
        assert (await sent.get())["body"] == b"data: 1\n\n"
        leaves.set()
        await stream.closed.wait()
        await watching
