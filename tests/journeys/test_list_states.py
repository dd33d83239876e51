"""The lists an organizer pages through: loading, failing, empty, refused, and far too long."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Browser, Route, ViewportSize, expect

from tests.journeys.answers import NOT_ANY_MORE, WAIT, Answers
from tests.journeys.at_work import Room
from tests.journeys.test_pages import WINDOWS, look
from tests.support.backing import eventually

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

LISTS = ("supporters", "undecided", "non-supporters", "volunteers", "promises", "hearsay")
KINDS = (*LISTS, "calls")
ROWS_MAX = 1_000


def path_of(room: Room, kind: str) -> str:
    return f"{room.overview}/{'calls' if kind == 'calls' else f'lists/{kind}'}"


def questions_of(kind: str) -> str:
    """The addresses at which the rows are asked for."""
    return rf"/campaigns/[^/]+/{kind}(\?[^/]*)?$"


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_list_says_how_it_stands(
    room: Room, chromium: Browser, window: ViewportSize, kind: str
) -> None:
    await room.volunteer.fill_every_list()
    answers, stream = Answers("hold"), Answers()
    context = await chromium.new_context(viewport=window, locale="en-US")
    await answers.listen(context, questions_of(kind))
    await stream.listen(context, rf"/campaigns/[^/]+/{kind}/live$")
    page = await room.open(context, path_of(room, kind))
    rows, problem = page.locator("[data-rows] tr"), page.locator("[data-problem]")
    loading, again = page.locator("[data-loading]"), page.get_by_role("button", name="Try again")
    await expect(loading).to_be_visible()
    await look(page, f"{kind}-loading")
    answers.release()
    await expect(rows.first).to_be_visible()
    await expect(loading).to_be_hidden()

    # Another choice is slow: what is shown is no longer what is asked for, and then it fails.
    answers.hold()
    await page.get_by_label("Phone bank").select_option(room.bank_id)
    await expect(loading).to_be_visible()
    await expect(rows.first).to_be_hidden()
    answers.mode = "fail"
    await page.get_by_label("Phone bank").select_option("")
    await expect(problem).to_contain_text(WAIT)
    await page.get_by_label("Phone bank").select_option(room.bank_id)
    await expect(problem).to_contain_text(WAIT)
    await expect(loading).to_be_hidden()
    await expect(rows).to_have_count(0)
    await look(page, f"{kind}-failed")
    answers.release()
    await again.press("Enter")
    await expect(rows.first).to_be_visible()
    await expect(problem).to_be_hidden()
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await expect(page.get_by_label("Phone bank")).to_have_value(room.bank_id)
    assert f"bank={room.bank_id}" in answers.asked[-1]
    assert f"bank={room.bank_id}" in page.url

    # Whose right ends while they look keeps no row, though a stream does not say why it ends.
    if kind != "calls":
        stream.mode = "cut"
        await page.reload()
        await expect(rows.first).to_be_visible()
        answers.mode = stream.mode = "refuse"
        await expect(page.locator("[data-connection]")).to_have_text("Not connected")
        await expect(problem).to_contain_text(NOT_ANY_MORE)
        await expect(rows).to_have_count(0)

    # What the reader may no longer see is not offered again.
    answers.mode = "refuse"
    await page.reload()
    await expect(problem).to_contain_text(NOT_ANY_MORE)
    await expect(again).to_be_hidden()
    await expect(rows).to_have_count(0)
    if kind != "calls":
        await expect(page.locator("[data-connection]")).to_have_text("Not connected")
    await look(page, f"{kind}-refused")
    await context.close()


@pytest.mark.parametrize("window", WINDOWS)
async def test_show_more_goes_on_where_it_stopped(
    room: Room, chromium: Browser, window: ViewportSize
) -> None:
    """Real calls, page by page; one page fails on the way."""
    for _ in range(51):
        await room.volunteer.call(disposition="canvassed", answers={"support": 1})
    for kind in ("supporters", "calls"):
        answers = Answers()
        context = await chromium.new_context(viewport=window, locale="en-US")
        await answers.listen(context, questions_of(kind))
        page = await room.open(context, path_of(room, kind))
        rows, more = page.locator("[data-rows] tr"), page.get_by_role("button", name="Show more")
        await expect(rows).to_have_count(50)
        answers.mode = "fail"
        await more.press("Enter")
        problem = page.locator("[data-problem]")
        await expect(problem).to_contain_text(WAIT)
        await expect(problem).to_be_in_viewport()
        await expect(rows).to_have_count(50)
        await look(page, f"{kind}-more-failed")
        answers.mode = "pass"
        await page.get_by_role("button", name="Try again").press("Enter")
        await expect(rows.nth(50)).to_be_attached()
        await expect(rows.nth(50).get_by_role("link").first).to_be_focused()
        await expect(problem).to_be_hidden()
        named = "each => [each.dataset.call, each.dataset.voter].join()"
        shown = await rows.evaluate_all(f"rows => rows.map({named})")
        assert len(shown) == len(set(shown)), "nobody twice"
        await context.close()


@pytest.mark.parametrize("kind", ["supporters", "calls"])
async def test_more_of_a_list_that_is_being_replaced_is_not_mixed_with_it(
    room: Room, chromium: Browser, kind: str
) -> None:
    """The old rows stay for a moment after another choice, and so does their Show more."""
    await room.volunteer.call(disposition="canvassed", answers={"support": 1})
    asked: list[str] = []
    heard: list[str] = []
    answered = asyncio.Event()
    answered.set()

    async def endless(route: Route) -> None:
        """There is always one page more, once somebody lets it be answered."""
        if route.request.resource_type == "document":
            await route.continue_()
            return
        asked.append(route.request.url)
        answer = await route.fetch(url=route.request.url.replace("cursor=on", ""))
        said: dict[str, Any] = await answer.json()
        await answered.wait()
        await route.fulfill(response=answer, json=said | {"next_cursor": "on"})
        heard.append(route.request.url)

    async def all_heard() -> bool:
        return len(asked) > before and len(heard) == len(asked)

    context = await chromium.new_context(locale="en-US")
    await context.route(re.compile(questions_of(kind)), endless)
    page = await room.open(context, path_of(room, kind))
    rows, more = page.locator("[data-rows] tr"), page.get_by_role("button", name="Show more")
    await expect(more).to_be_visible()
    before = len(asked)
    answered.clear()
    # In one go, as a quick hand does it: the choice, and Show more before its answer.
    await page.evaluate(
        """bank => {
          const choice = document.querySelector("[data-filters] [name=bank]");
          choice.value = bank;
          choice.dispatchEvent(new Event("change", { bubbles: true }));
          document.querySelector("[data-more]").click();
        }""",
        room.bank_id,
    )
    count = await rows.count()
    answered.set()
    await eventually(all_heard, saying="every question is answered")
    await expect(rows.first).to_be_visible()
    assert await rows.count() <= count
    assert f"bank={room.bank_id}" in asked[-1]
    assert not [each for each in asked if "cursor=" in each]
    await context.close()


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("kind", ["supporters", "calls"])
async def test_a_thousand_rows_are_enough(
    room: Room, chromium: Browser, window: ViewportSize, kind: str
) -> None:
    """A real row over and over, for nobody makes a thousand calls here."""
    await room.volunteer.call(disposition="canvassed", answers={"support": 1})

    async def many(route: Route) -> None:
        if route.request.resource_type == "document":
            await route.continue_()
            return
        whole = route.request.url.replace("cursor=on", "")
        answer = await route.fetch(url=whole)
        said: dict[str, Any] = await answer.json()
        count = ROWS_MAX - 50 if "cursor=" in route.request.url else 50
        items = said["items"][:1] * count
        await route.fulfill(response=answer, json=said | {"items": items, "next_cursor": "on"})

    context = await chromium.new_context(viewport=window, locale="en-US")
    await context.route(re.compile(questions_of(kind)), many)
    page = await room.open(context, path_of(room, kind))
    rows, more = page.locator("[data-rows] tr"), page.get_by_role("button", name="Show more")
    enough = page.get_by_text(re.compile(f"The (first|latest) {ROWS_MAX:,} are shown."))
    await expect(rows).to_have_count(50)
    await expect(enough).to_be_hidden()
    await more.press("Enter")
    await expect(rows).to_have_count(ROWS_MAX)
    await expect(enough).to_be_visible()
    await expect(more).to_be_hidden()
    await context.close()


@pytest.mark.parametrize("window", WINDOWS)
async def test_nobody_is_on_a_list_yet(bare: Room, chromium: Browser, window: ViewportSize) -> None:
    context = await chromium.new_context(viewport=window, locale="en-US")
    page = await bare.open(context, path_of(bare, "supporters"))
    for kind in KINDS:
        await page.goto(f"{bare.demo.url}{path_of(bare, kind)}")
        title = "No call yet" if kind == "calls" else "Nobody on this list yet"
        await expect(page.get_by_text(title)).to_be_visible()
        await expect(page.locator("[data-list]")).to_be_hidden()
        await expect(page.get_by_role("button", name="Clear the filters")).to_be_hidden()
        await look(page, f"{kind}-empty")
        if kind == "calls":
            await page.get_by_label("Corrected calls only").check()
            await expect(page.get_by_text("No call fits these filters.")).to_be_visible()
            await page.get_by_role("button", name="Clear the filters").press("Enter")
            await expect(page.get_by_text(title)).to_be_visible()
            await expect(page.get_by_label("Phone bank")).to_be_focused()
    await context.close()


@pytest.mark.parametrize("window", WINDOWS)
async def test_an_organizers_pages_are_not_for_a_volunteer(
    room: Room, chromium: Browser, window: ViewportSize
) -> None:
    voters = await room.volunteer.call(disposition="canvassed", answers={"support": 1})
    places = {kind: path_of(room, kind) for kind in KINDS} | {
        "voter": f"{room.overview}/voters/{voters[0]['voter_id']}",
        "overview": room.overview,
        "bank-board": f"{room.overview}/phone-banks/{room.bank_id}",
    }
    context = await chromium.new_context(viewport=window, locale="en-US")
    page = await room.volunteer_opens(context, places["overview"])
    for name, path in places.items():
        answer = await page.goto(f"{room.demo.url}{path}")
        assert answer is not None
        assert answer.status == 403, name
        title = page.get_by_role("heading", name="This page is not for you")
        await expect(title).to_be_visible()
        assert voters[0]["name"] not in await page.content(), name
        await expect(page.get_by_text("Ask one of its admins for it")).to_be_visible()
        await expect(page.get_by_role("button", name="Log out")).to_be_visible()
        await expect(page.get_by_role("link", name="Go to the first page")).to_be_visible()
        if name in {"supporters", "calls", "voter"}:
            await look(page, f"{name}-not-for-you")
    await context.close()
