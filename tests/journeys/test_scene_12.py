"""Scene 12: a nervous newcomer practises, finds own words, leaves no message, and is helped."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from bench.callers import sign_up
from tests.journeys.scenes import (
    call_screen,
    organizer_page,
    save,
    until_tuesday_seconds,
)
from tests.journeys.small_bank import campaign_of, organizer_of
from tests.journeys.test_pages import look
from tests.journeys.van_bank import Listed, open_bank
from tests.support.backing import eventually
from tests.support.whole_house import practice_bank, whole_house

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

OWN_WORDS = "She got our school bus back. That is why I call."
MESSAGE = "Hello, this is a volunteer for Ida Marlowe. Please vote. Thank you!"
VOTERS = [Listed(f"Voter{n}", "Newcombe", f"814-555-012{n}") for n in range(4)]


async def raise_a_hand(page: Page, board: Page) -> None:
    """It reaches the lead, and the caller sees that somebody comes."""
    await page.get_by_role("button", name="Ask for help").click()
    await expect(board.locator("[data-hands]")).to_be_visible()
    await expect(page.get_by_role("button", name="Hand is up")).to_be_visible()
    await look(page, "call-hand-up")
    on_it = board.get_by_role("button", name="I am on it")
    await expect(on_it).to_have_count(1)
    await look(board, "board-hand-up")
    await on_it.focus()
    await board.keyboard.press("Enter")
    await expect(board.get_by_text("is told that a lead gets in touch")).to_be_visible()
    await expect(on_it).to_have_count(0)
    await expect(page.get_by_text("A lead has seen your hand")).to_be_visible()
    await expect(page.get_by_role("button", name="Ask for help")).to_be_visible()
    await expect(board.locator("[data-hands]")).to_be_hidden()
    await expect(board.get_by_text("Nobody asks for help now.")).to_be_visible()


async def test_scene_12_a_nervous_newcomer(
    tmp_path: Path, volunteer: BrowserContext, elsewhere: BrowserContext
) -> None:
    offset_seconds = until_tuesday_seconds(15)
    async with whole_house(
        tmp_path / "house", CLOCK_OFFSET_SECONDS=str(offset_seconds), DEMO_VOTERS="50"
    ) as demo:
        organizer = await organizer_of(demo)
        campaign_id = await campaign_of(demo, organizer)
        bank_id = await open_bank(demo, organizer, VOTERS, "Cameron County")
        caller = (await sign_up(demo.url, demo.mail_url, 1))[0]

        # Practice first: made-up people, the script in full, and every button to be tried.
        page = await call_screen(volunteer, demo, await practice_bank(demo), caller.email)
        await expect(page.locator("[data-practice]")).to_be_visible()
        await expect(page.get_by_role("heading", name="Script")).to_be_visible()
        await page.locator("[data-household=not_home]").click()
        await save(page)

        # Then the real thing, with own words beside the script; they are there after a reload.
        await page.goto(f"{demo.url}/call/{bank_id}")
        await expect(page.locator("[data-screen=call]")).to_be_visible()
        await expect(page.locator("[data-practice]")).to_be_hidden()
        await page.get_by_text("My own words").click()
        await page.get_by_label("How I say it").fill(OWN_WORDS)
        await expect(page.locator("[data-kept]")).to_contain_text("Only you see this")
        await page.reload()
        await expect(page.get_by_label("How I say it")).to_have_value(OWN_WORDS)

        # Nobody answers: no message is left, and there is no button for it.
        await expect(page.get_by_text("Please do NOT leave messages.")).to_be_visible()
        await expect(page.get_by_text("Left a message")).to_have_count(0)
        await page.locator("[data-household=not_home]").click()

        # The campaign allows it: with the next voter come the words and the button.
        settings = {"messages_allowed": True, "message_words": MESSAGE}
        await organizer.send("PATCH", f"/queue/phone-banks/{bank_id}", json=settings)
        await save(page)
        await expect(page.get_by_text(MESSAGE)).to_be_visible()
        await expect(page.get_by_text("Please do NOT leave messages.")).to_have_count(0)
        await look(page, "call-message")
        await page.locator("[data-left-message]").click()
        await save(page)
        await expect(page.locator("[data-saved]")).to_contain_text("Saved: Left a message")

        async def counted() -> bool:
            status = await organizer.send("GET", f"/gotv/phone-banks/{bank_id}/dashboard")
            assert status["dispositions"]["left_message"] == 1, status
            assert status["contacts"] == 0, status
            return True

        await eventually(counted, saying="the message is counted, and not as a contact")

        board = await organizer_page(
            elsewhere, demo, f"/campaigns/{campaign_id}/phone-banks/{bank_id}"
        )
        await raise_a_hand(page, board)
        await organizer.http.aclose()
