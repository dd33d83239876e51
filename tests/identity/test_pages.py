"""Identity's pages, as a browser first gets them."""

import re

import httpx
import pytest

from tests.identity.house import House, text_of
from tests.identity.test_founding import fold_organizations

ANN = "ann@example.org"


PAGES = (
    "/",
    "/set-up",
    "/sign-up",
    "/register",
    "/check-mail",
    "/log-in",
    "/log-in?with=organization",
    "/log-in/mail?token=x",
    "/confirm",
    "/forgot",
    "/reset",
    "/reset?token=x",
)


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_comes_with_the_files_it_names(house: House, path: str) -> None:
    browser = await house.browser()
    page = await browser.get(path)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert files
    for file in files:
        assert (await browser.get(file)).status_code == 200, file


async def test_home_lists_where_to_start(house: House) -> None:
    organizer = await house.organizer()
    await fold_organizations(house)
    visitor = await house.browser()
    page = await visitor.get("/")
    assert 'href="/calls/dvc-palo-alto"' in page.text
    assert "Olga" not in page.text
    mine = await organizer.get("/")
    assert "Olga" in mine.text
    assert "help@dvc.example" in mine.text


async def test_a_house_that_is_not_set_up_says_so_and_leads_there(house: House) -> None:
    visitor = await house.browser()
    for path in ("/", "/log-in", "/log-in?with=organization"):
        page = (await visitor.get(path)).text
        assert "This Phonebank is not set up yet" in page
        assert 'href="/set-up"' in page
    assert 'name="setup_token"' in (await visitor.get("/set-up")).text


async def test_a_house_that_is_set_up_asks_for_no_token(house: House) -> None:
    await house.organizer()
    visitor = await house.browser()
    for path in ("/", "/log-in"):
        assert "not set up" not in (await visitor.get(path)).text
    page = await visitor.get("/set-up")
    assert "This Phonebank is set up already" in page.text
    assert 'href="/log-in"' in page.text
    assert "setup_token" not in page.text


async def test_a_house_without_a_token_says_who_can_give_it_one(house: House) -> None:
    house.desk.founding._setup_token = None
    page = (await (await house.browser()).get("/set-up")).text
    assert "There is no set-up token here yet" in page
    assert "setup_token" not in page


async def test_the_junk_hint_names_the_sender(house: House) -> None:
    browser = await house.browser()
    for path in ("/check-mail", "/log-in"):
        assert "Phonebank Volunteers" in (await browser.get(path)).text


async def test_opening_the_link_confirms_nothing_yet(house: House) -> None:
    """A mail scanner opens every link; only the press, or the page's script, confirms."""
    browser = await house.browser()
    await browser.sign_up(ANN, next="/call/b1")
    token, next_path = await house.link(ANN)
    page = await browser.get("/confirm", params={"token": token, "next": next_path})
    assert page.status_code == 200
    assert token in page.text
    assert (await browser.log_in(ANN)).status_code == 403


async def test_a_browser_without_scripts_confirms_and_goes_on(house: House) -> None:
    browser = await house.browser()
    await browser.sign_up(ANN, next="/call/b1")
    token, _ = await house.link(ANN)
    other = await house.browser()
    page = await other.client.post("/confirm", data={"token": token, "next": "//evil.example"})
    assert page.status_code == 200
    assert "Thanks for verifying" in page.text
    assert 'href="/call/b1"' in page.text
    assert "evil" not in page.text
    assert (await other.get("/identity/sessions/current")).status_code == 200


async def test_a_dead_link_offers_another(house: House) -> None:
    browser = await house.browser()
    page = await browser.client.post("/confirm", data={"token": "made up"})
    assert page.status_code == 422
    assert 'href="/check-mail"' in page.text


@pytest.mark.parametrize("next_path", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_no_page_leads_to_another_site(house: House, next_path: str) -> None:
    ann = await house.caller(ANN)
    for path in ("/confirm", "/log-in"):
        page = await ann.get(path, params={"token": "x", "next": next_path})
        assert page.status_code == 200
        assert "evil" not in page.text


async def test_who_is_logged_in_goes_straight_on(house: House) -> None:
    ann = await house.caller(ANN)
    page = await ann.get("/log-in", params={"next": "/call/b1"})
    assert (page.status_code, page.headers["location"]) == (303, "/call/b1")
    visitor = await house.browser()
    assert (await visitor.get("/log-in", params={"next": "/call/b1"})).status_code == 200


async def test_another_sites_form_confirms_nobody(house: House) -> None:
    browser = await house.browser()
    await browser.sign_up(ANN)
    token, _ = await house.link(ANN)
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    page = await browser.client.post("/confirm", data={"token": token}, headers=headers)
    assert page.status_code == 403
    assert (await browser.log_in(ANN)).status_code == 403


async def test_the_mailed_link_opens_the_page(house: House) -> None:
    browser = await house.browser()
    await browser.sign_up(ANN, next="/call/b1?organization=dvc&x=1")
    text = text_of((await house.mail(ANN))[0])
    found = re.search(r"Confirm My Account: (\S+)", text)
    assert found
    page = await browser.get(str(httpx.URL(found.group(1)).raw_path, "ascii"))
    assert 'data-next="/call/b1?organization=dvc&amp;x=1"' in page.text


async def test_a_mistyped_address_is_answered_in_the_sites_own_look(house: House) -> None:
    browser = await house.browser()
    page = await browser.get("/sing-up")
    assert page.status_code == 404
    assert "There is no page at this address" in page.text
    api = await browser.get("/identity/nothing")
    assert api.headers["content-type"] == "application/problem+json"
    assert (await browser.get("/identity/roles")).status_code == 405


async def test_the_calls_page_gets_the_doors_that_are_open(house: House) -> None:
    await house.organizer()
    await fold_organizations(house)
    visitor = await house.browser()
    piece = (await visitor.get("/log-in/doors", params={"organization": "dvc-palo-alto"})).text
    assert "<html" not in piece
    assert 'href="/sign-up?next=/calls/dvc-palo-alto"' in piece
    assert 'href="/register?next=/calls/dvc-palo-alto"' in piece
    odd = await visitor.get("/log-in/doors", params={"organization": '"><script>//evil'})
    assert odd.status_code == 200
    assert "<script" not in odd.text
