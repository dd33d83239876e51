"""Every error as problem+json (RFC 9457), with a sentence that says what to do."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from libs.decider import Conflict, Forbidden, Invalid, Missing, Refusal

log = structlog.get_logger()

_STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (Missing, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Invalid, 422),
)
_SENTENCES = {
    401: "Please log in and try again.",
    404: "There is nothing at this address; check it for a slip.",
    405: "This address does not take that method; see the service's openapi.json.",
    413: "This is larger than we take; send it in smaller parts.",
    415: "Send JSON with content-type: application/json.",
    429: "Too many tries; wait for the seconds in Retry-After, then try again.",
    503: "This cannot be done right now and nothing was recorded; please try again in a moment.",
}


class Unauthenticated(Refusal):
    """Please log in and try again."""


class TooMany(Refusal):
    """Too many tries; wait a moment, then try again. `retry_after_seconds` says how long."""


class Unavailable(Refusal):
    """This cannot be done right now and nothing was recorded; please try again in a moment."""


def kebab(name: str) -> str:
    """`NotYourCall` as `not-your-call`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def status_of(refusal: Refusal) -> int:
    """The HTTP status for a refusal's kind."""
    if isinstance(refusal, Unauthenticated):
        return 401
    if isinstance(refusal, TooMany):
        return 429
    if isinstance(refusal, Unavailable):
        return 503
    return next((status for kind, status in _STATUS if isinstance(refusal, kind)), 409)


def problem(
    status: int,
    type: str,
    title: str,
    detail: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> Response:
    """A problem+json answer; `type` is a path under /problems/, `extra` are members of the body."""
    body = {"type": f"/problems/{type}", "title": title, "status": status}
    body["detail"] = detail or title
    return Response(
        orjson.dumps(body | extra),
        status,
        headers=dict(headers or {}) | {"cache-control": "no-store"},
        media_type="application/problem+json",
    )


def refusal_problem(refusal: Refusal) -> Response:
    """A refusal as problem+json: its docstring is the title, its class names the type."""
    status = status_of(refusal)
    headers = {}
    retry_after = refusal.extra.get("retry_after_seconds")
    if retry_after is not None:
        headers["retry-after"] = str(retry_after)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    title = " ".join((type(refusal).__doc__ or "").split())
    return problem(
        status,
        kebab(type(refusal).__name__),
        title,
        refusal.detail,
        headers=headers,
        **refusal.extra,
    )


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - registered for Refusal only.
    return refusal_problem(error)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it only.
    errors = [
        {
            "field": ".".join(str(part) for part in fault["loc"] if part != "body"),
            "message": fault["msg"],
        }
        for fault in error.errors()
    ]
    named = "; ".join(f"{e['field'] or 'body'}: {e['message']}" for e in errors[:5])
    return problem(422, "invalid", "Something in the request does not fit.", named, errors=errors)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it only.
    phrase = HTTPStatus(error.status_code).phrase
    detail = error.detail if error.detail != phrase else _SENTENCES.get(error.status_code, phrase)
    return problem(
        error.status_code,
        kebab(phrase.replace(" ", "")),
        phrase,
        detail,
        headers=error.headers,
    )


async def _bug(request: Request, error: Exception) -> Response:
    log.error(
        "request failed",
        path_template=_template(request),
        error=type(error).__name__,
        request_id=request.headers.get("x-request-id", "")[:64],
    )
    return problem(
        500,
        "internal",
        "Something went wrong on our side.",
        "Nothing was acknowledged; send the same request again with the same Idempotency-Key.",
    )


def _template(request: Request) -> str:
    """The route's pattern, for a path may hold ids that logs need not."""
    return str(getattr(request.scope.get("route"), "path", "?"))


def install(app: FastAPI) -> None:
    """Make every error of this app a problem."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _bug)
