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

from libs.chassis.pages.problem_pages import ProblemPages, prefers_page
from libs.chassis.problems import (
    TooMany,
    Unauthenticated,
    Unavailable,
    install,
    kebab,
    status_of,
)
from libs.database import PyMongoError
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

    @app.get("/")
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


NAVIGATION = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"


def person(app: FastAPI) -> httpx.AsyncClient:
    """A browser that goes to an address of this app, behind the front door's pages."""
    transport = httpx.ASGITransport(ProblemPages(app), raise_app_exceptions=False)
    base_url = "https://phonebank.example"
    return httpx.AsyncClient(transport=transport, base_url=base_url, headers={"accept": NAVIGATION})


async def test_a_slip_of_ours_is_a_page_that_offers_another_try() -> None:
    async with person(refuse_with(PyMongoError("Ann Smith"))) as browser:
        page = await browser.get("/?a=b")
    assert (page.status_code, page.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert "<h1>Something went wrong on our side.</h1>" in page.text
    assert "Please try again in a moment." in page.text
    assert '<a class="button button-primary" href="">Try again</a>' in page.text
    assert page.headers["x-request-id"] in page.text
    assert "Ann Smith" not in page.text
    assert "Idempotency-Key" not in page.text


async def test_an_address_that_is_nobodys_is_a_page_with_the_same_sentence() -> None:
    async with person(taking()) as browser:
        page = await browser.get("/foo/bar")
        program = await browser.get("/foo/bar", headers={"accept": "*/*"})
    assert (page.status_code, program.status_code) == (404, 404)
    assert program.json()["detail"] in page.text
    assert "There is no such page" in page.text
    assert "Try again" not in page.text
    assert program.headers["content-type"] == "application/problem+json"


async def test_a_query_that_does_not_fit_is_a_page_that_names_it() -> None:
    app = taking()

    @app.get("/list")
    async def read(limit: int) -> int:
        return limit

    async with person(app) as browser:
        page = await browser.get("/list?limit=<x>")
    assert (page.status_code, page.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert "query.limit: Input should be a valid integer" in page.text


async def test_a_stranger_is_offered_the_log_in_form_and_the_way_back() -> None:
    async with person(refuse_with(Unauthenticated())) as browser:
        page = await browser.get("/?a=b&c=d")
    assert page.status_code == 401
    assert 'href="/log-in?next=/%3Fa%3Db%26c%3Dd"' in page.text


async def test_a_command_and_a_head_keep_what_they_had() -> None:
    async with person(taking()) as browser:
        command = await browser.post("/", json=["name"])
        head = await browser.head("/foo/bar")
    assert command.headers["content-type"] == "application/problem+json"
    assert (head.status_code, head.content) == (404, b"")
    assert head.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        (NAVIGATION, True),
        ("TEXT/HTML", True),
        ("text/html, */*", True),
        ("text/html;q=0.5, application/json;q=0.4", True),
        ("text/html;q=0", False),
        ("text/html;q=often", False),
        ("text/html, application/json", False),
        ("application/problem+json, text/html;q=0.9", False),
        ("text/event-stream", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_who_would_rather_have_a_page(accept: str, *, is_page: bool) -> None:
    assert prefers_page([(b"host", b"x"), (b"accept", accept.encode())]) is is_page
