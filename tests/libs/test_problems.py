"""Every way of saying no, as the problem+json (RFC 9457) that a client gets."""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from libs.chassis.problems import (
    TooMany,
    Unauthenticated,
    Unavailable,
    install,
    kebab,
    status_of,
)
from libs.decider import Conflict, Forbidden, Invalid, Missing, Refusal


class NoSuchThing(Missing):
    """There is no such thing
    here; look at the list.
    """  # noqa: D205 - a sentence may take two lines; its title is one.


class NotYourThing(Forbidden):
    """This belongs to somebody else."""


class ThingTaken(Conflict):
    """Somebody was faster; take another."""


class ThingInvalid(Invalid):
    """This does not fit; see `errors`."""


class WrongPassword(Unauthenticated):
    """The e-mail or the password is wrong."""


class ThingOdd(Refusal):
    """A refusal of no kind at all."""


ROOT = Path(__file__).parents[2]
THING = "There is no such thing here; look at the list."
LATER = "This cannot be done right now and nothing was recorded; please try again in a moment."
WAIT = "Too many tries; wait a moment, then try again. `retry_after_seconds` says how long."


class Told(NamedTuple):
    """What a client reads of a refusal; the detail is the title where nothing more is known."""

    status: int
    type: str
    title: str
    detail: str | None = None
    extra: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}


TABLE: list[tuple[Refusal, Told]] = [
    (NoSuchThing(), Told(404, "no-such-thing", THING)),
    (NoSuchThing("T9 is gone."), Told(404, "no-such-thing", THING, "T9 is gone.")),
    (NotYourThing(), Told(403, "not-your-thing", "This belongs to somebody else.")),
    (
        ThingTaken(until="18:00", lines=[1, 2]),
        Told(
            409,
            "thing-taken",
            "Somebody was faster; take another.",
            extra={"until": "18:00", "lines": [1, 2]},
        ),
    ),
    (
        ThingInvalid("name: too long", errors=[{"field": "name"}]),
        Told(
            422,
            "thing-invalid",
            "This does not fit; see `errors`.",
            "name: too long",
            extra={"errors": [{"field": "name"}]},
        ),
    ),
    (
        WrongPassword(),
        Told(
            401,
            "wrong-password",
            "The e-mail or the password is wrong.",
            headers={"www-authenticate": "Bearer"},
        ),
    ),
    *(
        (
            TooMany(retry_after_seconds=seconds),
            Told(
                429,
                "too-many",
                WAIT,
                extra={"retry_after_seconds": seconds},
                headers={"retry-after": str(seconds)},
            ),
        )
        for seconds in (7, 0)
    ),
    (Unavailable("The vault is away."), Told(503, "unavailable", LATER, "The vault is away.")),
    # A kind nobody put in the table is a conflict, never a crash and never a success.
    (ThingOdd(), Told(409, "thing-odd", "A refusal of no kind at all.")),
]


def refuse_with(error: Exception) -> FastAPI:
    """An app whose one route raises."""
    app = FastAPI()
    install(app)

    @app.api_route("/", methods=["GET", "POST"])
    async def refuse() -> None:
        raise error

    return app


def client(app: FastAPI) -> httpx.AsyncClient:
    # Starlette answers 500 and then raises on to the server, which would log it.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="https://phonebank.example")


@pytest.mark.parametrize(("refusal", "told"), TABLE, ids=lambda each: type(each).__name__)
async def test_a_refusal_is_this_problem(refusal: Refusal, told: Told) -> None:
    async with client(refuse_with(refusal)) as browser:
        answer = await browser.get("/")
    assert answer.status_code == told.status == status_of(refusal)
    assert answer.json() == {
        "type": f"/problems/{told.type}",
        "title": told.title,
        "status": told.status,
        "detail": told.detail or told.title,
        **told.extra,
    }
    own = {"content-type", "content-length", "cache-control"}
    assert {k: v for k, v in answer.headers.items() if k not in own} == told.headers
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"


def test_every_kind_of_refusal_is_in_the_table_above() -> None:
    """A new kind in the decider or beside the table gets a status here, not 409 by accident."""
    kinds = {kind for kind in Refusal.__subclasses__() if kind.__module__.startswith("libs.")}
    assert kinds == {Missing, Forbidden, Conflict, Invalid, Unauthenticated, TooMany, Unavailable}
    assert kinds <= {kind for refusal, *_ in TABLE for kind in type(refusal).__mro__}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NotYourCall", "not-your-call"),
        ("Paused", "paused"),
        ("Section2Missing", "section2-missing"),
        ("IdempotencyKeyReused", "idempotency-key-reused"),
    ],
)
def test_a_class_name_as_words(name: str, words: str) -> None:
    assert kebab(name) == words


def refusals_of_the_house() -> dict[str, ast.ClassDef]:
    """Every class that is a refusal, by name, found in the text of the code."""
    classes = [
        node
        for folder in ("libs", "services")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    found: dict[str, ast.ClassDef] = {}
    names = {"Refusal"}
    while names:
        of_these = {
            node.name: node
            for node in classes
            if names & {getattr(base, "id", None) for base in node.bases}
        }
        names = set(of_these) - set(found)
        found |= of_these
    return found


REFUSALS = refusals_of_the_house()


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_a_refusal_says_its_sentence(name: str) -> None:
    """Its docstring is what the person reads, so it is there and is a whole sentence."""
    sentence = ast.get_docstring(REFUSALS[name])
    assert sentence, "say what happened and what to do"
    assert sentence[0].isupper(), sentence
    assert sentence.rstrip().endswith((".", "?", "!")), sentence


def test_the_refusals_were_found() -> None:
    assert {"NotYourCall", "WrongPassword", "Missing", "TicketInvalid"} <= set(REFUSALS)


class Body(BaseModel):
    """What the route below takes."""

    name: str = Field(max_length=3)
    age: int


def taking() -> FastAPI:
    app = FastAPI()
    install(app)

    @app.post("/")
    async def take(body: Body, limit: int = 1) -> str:
        return body.name * limit

    return app


async def test_a_body_that_does_not_fit_names_each_field() -> None:
    async with client(taking()) as browser:
        answer = await browser.post("/?limit=x", json={"name": "long"})
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, "/problems/invalid")
    assert problem["title"] == "Something in the request does not fit."
    assert {fault["field"] for fault in problem["errors"]} == {"query.limit", "name", "age"}
    assert "name: String should have at most 3 characters" in problem["detail"]
    assert "age: Field required" in problem["detail"]


async def test_a_body_that_is_no_object_is_named_the_body() -> None:
    async with client(taking()) as browser:
        answer = await browser.post("/", json=["name"])
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")
    assert answer.json()["detail"].startswith("body: Input should be a valid dictionary")


SENTENCES = [
    (401, "unauthorized", "Please log in and try again."),
    (404, "not-found", "There is nothing at this address; check it for a slip."),
    (
        405,
        "method-not-allowed",
        "This address does not take that method; see the service's openapi.json.",
    ),
    (415, "unsupported-media-type", "Send JSON with content-type: application/json."),
    (
        429,
        "too-many-requests",
        "Too many tries; wait for the seconds in Retry-After, then try again.",
    ),
    (503, "service-unavailable", LATER),
    (411, "length-required", "Length Required"),
]


@pytest.mark.parametrize(("status", "type_", "sentence"), SENTENCES)
async def test_an_error_of_the_framework_says_what_to_do(
    status: int, type_: str, sentence: str
) -> None:
    async with client(refuse_with(HTTPException(status, headers={"allow": "GET"}))) as browser:
        answer = await browser.get("/")
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert (problem["type"], problem["detail"]) == (f"/problems/{type_}", sentence)
    assert answer.headers["allow"] == "GET"


async def test_what_the_framework_says_itself_is_kept() -> None:
    async with client(refuse_with(HTTPException(404, "Not in this campaign."))) as browser:
        assert (await browser.get("/")).json()["detail"] == "Not in this campaign."


async def test_a_slip_of_ours_tells_nothing_of_itself() -> None:
    async with client(refuse_with(ValueError("Ann Smith, 570-555-0100"))) as browser:
        answer = await browser.get("/")
    assert answer.status_code == 500
    assert answer.json() == {
        "type": "/problems/internal",
        "title": "Something went wrong on our side.",
        "status": 500,
        "detail": (
            "Nothing was acknowledged; send the same request again with the same Idempotency-Key."
        ),
    }
