"""A person's browser meets a problem: it is a page in plain words, with a way on."""

import httpx
import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException

from libs.chassis.pages.problem_pages import ProblemPages, prefers_page
from libs.chassis.problems import Unauthenticated
from libs.database import PyMongoError
from tests.libs.test_problems import refuse_with, taking

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


CAME_FROM = "https://phonebank.example/sign-up?next=/call/b"


async def test_a_form_posted_in_vain_is_a_page_that_leads_back_to_it() -> None:
    async with person(refuse_with(HTTPException(415))) as browser:
        page = await browser.post("/", data={"email": "ann@x"}, headers={"referer": CAME_FROM})
        alone = await browser.post("/", data={"email": "ann@x"})
    assert (page.status_code, page.headers["content-type"]) == (415, "text/html; charset=utf-8")
    assert "The page was not ready yet" in page.text
    assert "nothing was recorded. Go back, then" in page.text
    assert 'href="/sign-up?next=/call/b">Go back</a>' in page.text
    assert "ann@x" not in page.text
    assert ">Go back</a>" not in alone.text


@pytest.mark.parametrize(
    "referer",
    ["https://evil.example/sign-up", "javascript:alert(1)", "https://phonebank.example", "//["],
)
async def test_a_form_leads_back_to_this_site_only(referer: str) -> None:
    async with person(refuse_with(PyMongoError())) as browser:
        page = await browser.post("/", data={"a": "b"}, headers={"referer": referer})
    assert page.status_code == 500
    assert "<h1>Something went wrong on our side.</h1>" in page.text
    assert ">Go back</a>" not in page.text
    assert "Try again" not in page.text


async def test_two_slashes_lead_to_no_other_host() -> None:
    referer = "https://phonebank.example//evil.example"
    async with person(refuse_with(PyMongoError())) as browser:
        page = await browser.post("/", data={"a": "b"}, headers={"referer": referer})
    assert 'href="/evil.example">Go back</a>' in page.text


async def test_a_stranger_who_posts_a_form_logs_in_and_is_back_at_its_page() -> None:
    async with person(refuse_with(Unauthenticated())) as browser:
        page = await browser.post("/", data={"a": "b"}, headers={"referer": CAME_FROM})
    assert 'href="/log-in?next=/sign-up%3Fnext%3D/call/b"' in page.text


async def test_a_command_and_a_head_keep_what_they_had() -> None:
    async with person(taking()) as browser:
        command = await browser.post("/", json=["name"], headers={"accept": "application/json"})
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
