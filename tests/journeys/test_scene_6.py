"""Scene 6: a promise is kept by who made it, with the number and the question that came with it."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, expect

from bench.callers import sign_up
from tests.journeys.scenes import (
    A_DAY_LATER_SECONDS,
    call_page,
    call_screen,
    result_of,
    save,
    until_tuesday_seconds,
)
from tests.journeys.small_bank import organizer_of
from tests.journeys.van_bank import Listed, open_bank
from tests.support.browser import DESKTOP, faults_found_by_axe, is_wider_than_its_window
from tests.support.whole_house import whole_house

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

ASKED = "Does she support the rail line?"


async def test_scene_6_the_same_caller_keeps_the_promise(
    tmp_path: Path, chromium: Browser, volunteer: BrowserContext, elsewhere: BrowserContext
) -> None:
    folder = tmp_path / "house"
    offset_seconds = until_tuesday_seconds(15)
    async with whole_house(
        folder, CLOCK_OFFSET_SECONDS=str(offset_seconds), DEMO_VOTERS="50"
    ) as demo:
        organizer = await organizer_of(demo)
        ann = Listed("Ann", "Ferncastle", "814-555-0142")
        bank_id = await open_bank(demo, organizer, [ann], "Cameron County")
        await organizer.http.aclose()
        who_promised, somebody_else = await sign_up(demo.url, demo.mail_url, 2)

        page = await call_screen(volunteer, demo, bank_id, who_promised.email)
        await page.locator("[data-who]").get_by_label("Ann").first.check()
        result = result_of(page, "Ann")
        await result.get_by_text("More results").click()
        await result.get_by_label("Call back at").check()
        await result.get_by_role("button", name="Tomorrow 18:00").click()
        await result.get_by_label("A number they gave you").fill("(814) 555-0199")
        await result.get_by_label("What they want to know").fill(ASKED)
        await save(page)
        await expect(page.get_by_text("Saved: Call back at … for Ann")).to_be_visible()
        # Until the line itself has heard of it, the voter is still on this screen to everybody.
        await expect(page.get_by_role("heading", name="There is nobody to call")).to_be_visible()

    # The next day, a few minutes after six by the voter's clock.
    offset_seconds += A_DAY_LATER_SECONDS
    async with whole_house(
        folder, CLOCK_OFFSET_SECONDS=str(offset_seconds), DEMO_VOTERS="50"
    ) as demo:
        other = await call_page(elsewhere, demo, bank_id, somebody_else.email)
        await expect(other.locator("[data-screen=stop]")).to_be_visible()
        await expect(other.locator("[data-screen=call]")).to_be_hidden()

        context = await chromium.new_context(viewport=DESKTOP, locale="en-US")
        kept = await call_screen(context, demo, bank_id, who_promised.email)
        for _ in range(2):
            promise = kept.locator("[data-promised]")
            await expect(promise).to_contain_text("You promised to call Ann at 6:00")
            await expect(promise).to_contain_text(ASKED)
            number = promise.get_by_role("link", name="(814) 555-0199")
            await expect(number).to_have_attribute("href", "tel:+18145550199")
            await expect(kept.locator("[data-line]")).to_contain_text("Ann Ferncastle")
            assert await faults_found_by_axe(kept) == []
            assert not await is_wider_than_its_window(kept)
            await kept.reload()  # The promise is there again after a reload.
        await other.reload()
        await expect(other.locator("[data-screen=stop]")).to_be_visible()
        await context.close()
