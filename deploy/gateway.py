"""The gateway of a house of containers: one origin before the services' own web processes.

python -m uvicorn --factory deploy.gateway:create_gateway --host 0.0.0.0 --port 8000
"""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import httpx
import structlog
from pydantic import SecretStr
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deploy.front_door import behind_the_door, service_at
from deploy.processes import SERVICES
from libs.chassis.clock import server_clock
from libs.chassis.logging import configure_logging
from libs.chassis.memory import settle_memory
from libs.chassis.problems import Unavailable, problem, refusal_problem
from libs.chassis.settings import Settings
from libs.chassis.tokens import TOKEN_SECONDS, ServiceTokens

NAME = "gateway"
EXCHANGE = "/identity/sessions/exchange"
_CONNECT_SECONDS_MAX = 3.0
# A live stream says something every few seconds; the end of a large upload takes its time.
_SILENCE_SECONDS_MAX = 120.0
# Shorter than the services keep an idle connection, so that we never write into a closed one.
_IDLE_SECONDS_MAX = 3.0
_CONNECTIONS_KEPT = 200
_REMEMBERED_MAX = 20_000
# What belongs to one connection, and what only we may say to a service.
_NOT_PASSED_ON = frozenset(
    {
        b"connection",
        b"expect",
        b"forwarded",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-service-token",
    }
)

Headers = list[tuple[bytes, bytes]]

log = structlog.get_logger()


class GatewaySettings(Settings):
    """`upstream` is where a service's web process answers; the word {service} is its name."""

    upstream: str = "http://web-{service}:8000"
    # It keeps nothing, and makes no token: these are for the services.
    mongodb_url: str = ""
    kafka_bootstrap: str = ""
    token_key: SecretStr = SecretStr("not the gateway's to know" + "." * 10)


def create_gateway(
    settings: GatewaySettings | None = None, transport: httpx.AsyncBaseTransport | None = None
) -> ASGIApp:
    """The gateway, from the environment; tests bring a transport."""
    chosen = settings or GatewaySettings()
    configure_logging(NAME, chosen.log_level)
    # It would write every address, which has the ids of people in it.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    http = httpx.AsyncClient(
        timeout=httpx.Timeout(_SILENCE_SECONDS_MAX, connect=_CONNECT_SECONDS_MAX),
        limits=httpx.Limits(
            max_connections=None,
            max_keepalive_connections=_CONNECTIONS_KEPT,
            keepalive_expiry=_IDLE_SECONDS_MAX,
        ),
        follow_redirects=False,
        trust_env=False,
        transport=transport or httpx.AsyncHTTPTransport(retries=1),
    )
    upstreams = {service: chosen.upstream.format(service=service) for service in SERVICES}
    return behind_the_door(
        Gateway(http, upstreams, scheme=chosen.public_url.partition(":")[0]),
        IdentityExchange(http, upstreams["identity"], chosen),
        public_url=chosen.public_url,
        production=chosen.phonebank_env == "production",
    )


class IdentityExchange:
    """Asks identity what a session's opaque token is worth.

    While identity is away, the last answer stands for the life of its token: whoever calls goes
    on calling, and every service checks expiry and revocation for itself.
    """

    def __init__(self, http: httpx.AsyncClient, upstream: str, settings: GatewaySettings) -> None:
        self._http = http
        self._url = upstream + EXCHANGE
        self._now = server_clock(settings.clock_offset_seconds)
        self._tokens = ServiceTokens(settings.service_key.get_secret_value(), NAME)
        self._remembered: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def __call__(self, opaque: str) -> str | None:
        """The signed token, or None for a session that is over. Raises Unavailable."""
        now = self._now()
        try:
            answer = await self._http.post(
                self._url,
                json={"token": opaque},
                headers={"x-service-token": self._tokens.sign("identity", now)},
            )
            answer.raise_for_status()
        except httpx.HTTPError as error:
            return self._last_known(opaque, now.timestamp(), error)
        signed: str | None = answer.json()["token"]
        self._remembered.pop(opaque, None)
        if signed is not None:
            self._remembered[opaque] = (now.timestamp(), signed)
            if len(self._remembered) > _REMEMBERED_MAX:
                self._remembered.popitem(last=False)
        return signed

    def _last_known(self, opaque: str, now_seconds: float, error: httpx.HTTPError) -> str:
        log.warning("identity does not answer", error=type(error).__name__)
        known = self._remembered.get(opaque)
        if known is None or now_seconds - known[0] >= TOKEN_SECONDS:
            raise Unavailable from error
        return known[1]


class Gateway:
    """Passes each request on to the service its path names, and the answer back as it comes."""

    def __init__(
        self, http: httpx.AsyncClient, upstreams: Mapping[str, str], *, scheme: str
    ) -> None:
        self._http = http
        self._upstreams = upstreams
        self._scheme = scheme.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._pass_on(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        settle_memory()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._http.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/gateway/livez":
            await JSONResponse({"status": "alive"})(scope, receive, send)
            return
        if scope["path"].rstrip("/").endswith("/metrics"):
            # Figures of operation are for those inside; they ask the services themselves.
            await problem(404, "not-found", "There is nothing at this address.")(
                scope, receive, send
            )
            return
        try:
            answer = await self._http.send(self._request(scope, receive), stream=True)
        except httpx.HTTPError as error:
            log.warning(
                "service does not answer",
                upstream=service_at(scope["path"]),
                error=type(error).__name__,
                request_id=_request_id(scope),
            )
            unavailable = Unavailable(retry_after_seconds=1)
            await refusal_problem(unavailable)(scope, receive, send)
            return
        try:
            await _until_either(_answer(answer, send), _disconnected(receive))
        finally:
            await answer.aclose()

    def _request(self, scope: Scope, receive: Receive) -> httpx.Request:
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        if scope["query_string"]:
            raw_path += b"?" + scope["query_string"]
        base = httpx.URL(self._upstreams[service_at(scope["path"])])
        headers = passed_on(scope["headers"])
        headers.append((b"x-forwarded-proto", self._scheme))
        if scope.get("client"):
            headers.append((b"x-forwarded-for", scope["client"][0].encode()))
        names = {name for name, _ in scope["headers"]}
        has_body = bool({b"content-length", b"transfer-encoding"} & names)
        return httpx.Request(
            scope["method"],
            base.copy_with(raw_path=raw_path),
            headers=headers,
            content=_body(receive) if has_body else None,
            extensions={"timeout": self._http.timeout.as_dict()},
        )


def passed_on(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers that go on to the other side; those that `connection` names do not."""
    kept = list(headers)
    named = {
        each.strip().lower()
        for name, value in kept
        if name.lower() == b"connection"
        for each in value.split(b",")
    }
    return [
        (name.lower(), value)
        for name, value in kept
        if name.lower() not in _NOT_PASSED_ON and name.lower() not in named
    ]


def _request_id(scope: Scope) -> str:
    given = (value for name, value in scope["headers"] if name == b"x-request-id")
    return next(given, b"")[:64].decode("latin-1")


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    """The request's body, chunk by chunk; one that breaks off breaks off on the other side too."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise httpx.ReadError("the client has gone")
        if chunk := message.get("body", b""):
            yield chunk
        if not message.get("more_body", False):
            return


async def _answer(answer: httpx.Response, send: Send) -> None:
    start: Message = {
        "type": "http.response.start",
        "status": answer.status_code,
        "headers": passed_on(answer.headers.raw),
    }
    await send(start)
    try:
        async for chunk in answer.aiter_raw():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    except httpx.HTTPError as error:
        # Half an answer must not look like a whole one: the connection is cut.
        log.warning("answer broke off", error=type(error).__name__)
        raise
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until_either(*works: Any) -> None:
    """Run until one has ended; the others are cancelled, and a failure is raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(BaseException):
            await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        task.result()
