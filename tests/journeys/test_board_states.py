"""The live boards of a campaign and of a phone bank: loading, failing, refused, lost and back."""

import re
import signal

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.journeys.answers import NOT_ANY_MORE, WAIT, Answers
from tests.journeys.at_work import Room
from tests.journeys.test_pages import WINDOWS, look
from tests.support.backing import eventually
from tests.support.browser import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

FIGURES = r"/gotv/[^?]+/dashboard$"
STREAM = r"/gotv/[^?]+/live$"
NOTHING_YET = "\u2013"
A_NUMBER = re.compile(r"\d")


async def says_nothing_yet(page: Page) -> None:
    """What is not known is not told: nobody called, everybody may be called."""
    for sentence in ("Nobody has called yet.", "Everybody may be called now.", "No call yet."):
        await expect(page.get_by_text(sentence).filter(visible=True)).to_have_count(0)


def board_of(room: Room, name: str) -> str:
    return room.overview + (f"/phone-banks/{room.bank_id}" if name == "bank" else "")


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("name", ["campaign", "bank"])
async def test_a_board_says_how_it_stands(
    room: Room, chromium: Browser, window: ViewportSize, name: str
) -> None:
    await room.volunteer.call(disposition="canvassed", answers={"support": 1})
    figures, stream = Answers("hold"), Answers("cut")
    context = await chromium.new_context(viewport=window, locale="en-US")
    await figures.listen(context, FIGURES)
    await stream.listen(context, STREAM)
    page = await room.open(context, board_of(room, name))
    calls, problem = page.locator("[data-figure=calls]"), page.locator("[data-problem]")
    connection = page.locator("[data-connection]")
    await expect(calls).to_have_text(NOTHING_YET)
    await expect(connection).to_have_text("Connecting")
    await says_nothing_yet(page)
    await look(page, f"board-{name}-loading")

    # The figures fail; as soon as the stream is there it brings them, and nobody has to ask.
    figures.release("fail")
    await page.reload()
    await expect(problem).to_have_text(f"{WAIT} This page keeps trying by itself.")
    await says_nothing_yet(page)
    await expect(connection).to_have_text("Reconnecting")
    await expect(calls).to_have_text(NOTHING_YET)
    await look(page, f"board-{name}-failed")
    stream.mode = "pass"
    await expect(problem).to_be_hidden()
    await expect(connection).to_have_text("Live")
    await expect(calls).to_have_text(A_NUMBER)

    # Whose right ends while they look is told so, though a stream does not say why it ends.
    figures.mode, stream.mode = "pass", "cut"
    await page.reload()
    await expect(connection).to_have_text("Reconnecting")
    await expect(calls).to_have_text(A_NUMBER)
    figures.mode = stream.mode = "refuse"
    await expect(connection).to_have_text("Not connected")
    await expect(problem).to_have_text(NOT_ANY_MORE)

    # Who may no longer look is told so, and the page does not go on asking.
    figures.mode = "refuse"
    stream.asked.clear()
    await page.reload()
    await expect(problem).to_contain_text(NOT_ANY_MORE)
    await expect(connection).to_have_text("Not connected")
    assert stream.asked == []
    await look(page, f"board-{name}-refused")
    await context.close()


async def test_boards_that_were_live_are_lost_with_the_server_and_come_back(
    room: Room, desk: BrowserContext
) -> None:
    """The server is killed and comes back by itself; for a while the streams are cut off still."""
    stream = Answers()
    await stream.listen(desk, STREAM)
    overview = await room.open(desk, room.overview)
    bank = await desk.new_page()
    await bank.goto(f"{room.demo.url}{board_of(room, 'bank')}")
    boards = {"campaign": overview, "bank": bank}
    shown: dict[str, int] = {}
    for name, page in boards.items():
        await expect(page.locator("[data-connection]")).to_have_text("Live")
        await expect(page.locator("[data-figure=calls]")).to_have_text(A_NUMBER)
        shown[name] = int(re.sub(r"\D", "", await page.locator("[data-figure=calls]").inner_text()))
    stream.mode = "cut"
    before = room.demo.send("web", signal.SIGKILL)
    for page in boards.values():
        await expect(page.locator("[data-connection]")).to_have_text("Reconnecting")

    async def is_back() -> bool:
        try:
            async with httpx.AsyncClient() as http:
                answer = await http.get(room.demo.url)
        except httpx.TransportError:
            return False
        return answer.is_success and room.demo.pids["web"] != before

    await eventually(is_back, deadline_seconds=60, saying="the server is back")
    voters = await room.volunteer.call(disposition="canvassed", answers={"support": 1})
    for name, page in boards.items():
        stale = re.compile(r"^Stale since \d+:\d\d")
        await expect(page.locator("[data-connection]")).to_have_text(stale)
        await expect(page.locator("[data-figure=calls]")).to_have_text(f"{shown[name]:,}")
        for window in (PHONE, DESKTOP):
            await page.set_viewport_size(window)
            await look(page, f"board-{name}-lost")
    stream.mode = "pass"
    for name, page in boards.items():
        await expect(page.locator("[data-connection]")).to_have_text("Live")
        now = f"{shown[name] + len(voters):,}"
        await expect(page.locator("[data-figure=calls]")).to_have_text(now)


@pytest.mark.parametrize("window", WINDOWS)
async def test_a_campaign_before_its_first_phone_bank(
    bare: Room, chromium: Browser, window: ViewportSize
) -> None:
    context = await chromium.new_context(viewport=window, locale="en-US")
    page = await bare.open(context, bare.overview)
    await expect(page.locator("[data-figure=calls]")).to_have_text("0")
    await expect(page.get_by_text("No phone bank yet")).to_be_visible()
    await expect(page.get_by_role("heading", name="Phone banks")).to_be_hidden()
    await look(page, "board-campaign-empty")
    await context.close()
