"""The scenes a volunteer lives through, in a real Chromium, over a whole demo."""

import secrets
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, expect

from bench.callers import sign_up
from deploy.embedded.elsewhere import Elsewhere
from tests.journeys.scenes import (
    A_DAY_LATER_SECONDS,
    call_screen,
    log_in,
    organizer_page,
    until_tuesday_seconds,
)
from tests.journeys.small_bank import (
    campaign_of,
    household_file,
    open_small_bank,
    organizer_of,
    unshared_number,
)
from tests.journeys.test_pages import look
from tests.support.backing import eventually
from tests.support.browser import mailed_link
from tests.support.whole_house import practice_bank, whole_house

# A browser lives in the loop that started it, so its tests share the session's.
pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


async def test_scene_1_a_new_volunteer_is_led_straight_to_the_first_voter(
    house: Elsewhere, volunteer: BrowserContext, elsewhere: BrowserContext
) -> None:
    email, password = f"ivy-{secrets.token_hex(4)}@example.org", "three plain words"
    page = await volunteer.new_page()
    await page.goto(f"{house.url}/calls/dvc-palo-alto")
    # The demo's own: other tests open practice banks that are soon finished.
    practice = page.locator(f'a[href*="{await practice_bank(house)}"]')
    await practice.filter(has_text="Practise").click()
    # Choosing a phone bank leads through the log-in, and back to that very bank.
    await page.wait_for_url("**/log-in?next=*")
    await page.get_by_role("link", name="Create an ActionID account").click()
    await page.get_by_label("First name").fill("Ivy")
    await page.get_by_label("Last name").fill("Newcomer")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Create account").click()
    await expect(page.get_by_role("heading", name="Check your e-mail")).to_be_visible()
    await expect(page.get_by_text("junk or spam folder")).to_be_visible()

    # Logging in before confirming is refused, with the junk hint and a way to get another mail.
    await page.goto(f"{house.url}/log-in")
    await log_in(page, email, password)
    await expect(page.get_by_text("Please confirm your e-mail address first")).to_be_visible()
    await expect(page.get_by_text("junk or spam folder")).to_be_visible()
    await page.get_by_role("button", name="Send the link again").click()

    # The mail is opened in another browser; from there it goes straight to the first voter.
    other = await elsewhere.new_page()
    await other.goto((await mailed_link(house, email)).replace("localhost", "127.0.0.1"))
    await expect(other.get_by_text("Thanks for verifying")).to_be_visible()
    await look(other, "confirmed")
    await other.get_by_role("link", name="Start calling").click()
    if "/log-in" in other.url:
        await log_in(other, email, password)
    await expect(other.locator("[data-screen=call]")).to_be_visible()
    await expect(other.get_by_role("heading", name="Script")).to_be_visible()
    await expect(other.locator("[data-number]").first).to_contain_text("555-01")


async def test_scene_3_ann_and_bob_on_one_line(
    tmp_path: Path, volunteer: BrowserContext, elsewhere: BrowserContext
) -> None:
    folder = tmp_path / "house"
    offset_seconds = until_tuesday_seconds(15)
    async with whole_house(folder, CLOCK_OFFSET_SECONDS=str(offset_seconds)) as demo:
        organizer = await organizer_of(demo)
        campaign_id = await campaign_of(demo, organizer)
        file = household_file(("Ann", "Bob"), "Ferncastle", "814-555-0142")
        bank_id = await open_small_bank(demo, organizer, file, "Cameron County")
        caller = (await sign_up(demo.url, demo.mail_url, 1))[0]
        supporters = f"/campaigns/{campaign_id}/lists/supporters"
        watching = await organizer_page(elsewhere, demo, supporters)

        page = await call_screen(volunteer, demo, bank_id, caller.email)
        await expect(page.get_by_text("2 voters share this number")).to_be_visible()
        await page.locator("[data-who]").get_by_label("Bob").check()
        await page.get_by_label("Leaning Ida Marlowe").check()
        bob = page.locator("fieldset.result", has=page.get_by_text("Bob Ferncastle", exact=True))
        ann = page.locator("fieldset.result", has=page.get_by_text("Ann Ferncastle", exact=True))
        await bob.get_by_label("Talked to the voter").check()
        await expect(ann.get_by_label("Not home")).to_be_checked()
        await ann.get_by_label("What did they say about Ann?").fill("She won't vote for her")
        await page.get_by_role("button", name="Save and next").click()
        await expect(page.locator("[data-screen=stop]")).to_be_visible()

        # Bob is on the live list, Ann is not; what he said of her is hearsay.
        await expect(watching.get_by_role("rowheader", name="Bob Ferncastle")).to_be_visible()
        await expect(watching.get_by_role("rowheader", name="Ann Ferncastle")).to_have_count(0)
        await watching.reload()
        await expect(watching.get_by_role("rowheader", name="Bob Ferncastle")).to_be_visible()
        await expect(watching.get_by_role("rowheader", name="Ann Ferncastle")).to_have_count(0)
        await watching.get_by_role("link", name="Hearsay").click()
        await expect(watching.get_by_text("She won't vote for her")).to_be_visible()
        await organizer.http.aclose()

    # The next day, at another time of day: Ann is called again, Bob is not.
    offset_seconds += A_DAY_LATER_SECONDS
    async with whole_house(folder, CLOCK_OFFSET_SECONDS=str(offset_seconds)) as demo:
        tomorrow = await call_screen(volunteer, demo, bank_id, caller.email)
        line = tomorrow.locator("[data-line]")
        await expect(line).to_contain_text("Ann Ferncastle")
        await expect(line).not_to_contain_text("Bob Ferncastle")


async def test_scene_5_a_five_who_wants_to_be_left_alone(
    house: Elsewhere, volunteer: BrowserContext, elsewhere: BrowserContext
) -> None:
    organizer = await organizer_of(house)
    campaign_id = await campaign_of(house, organizer)
    file = household_file(("Gus",), "Thornapple", unshared_number())
    bank_id = await open_small_bank(house, organizer, file, "Cameron County, one voter")
    caller = (await sign_up(house.url, house.mail_url, 1))[0]
    board = await organizer_page(
        elsewhere, house, f"/campaigns/{campaign_id}/phone-banks/{bank_id}"
    )
    await expect(board.locator("[data-figure=calls]")).to_have_text("0")

    page = await call_screen(volunteer, house, bank_id, caller.email)
    await page.locator("[data-who]").get_by_label("Gus").check()
    await page.get_by_label("Surely other").check()
    await page.locator("fieldset.result").get_by_label("Refused").check()
    await page.get_by_role("button", name="Save and next").click()
    await expect(page.locator("[data-screen=stop]")).to_be_visible()

    # Both are kept: a refusal and a 5, on the board within two seconds, and on the list of fives.
    await expect(board.locator("[data-figure=calls]")).to_have_text("1", timeout=2_000)
    status = await organizer.send("GET", f"/gotv/phone-banks/{bank_id}/dashboard")
    assert status["dispositions"]["refused"] == 1
    assert status["support"]["5"] == 1
    at = f"/gotv/campaigns/{campaign_id}/supporters"

    async def on_the_list_of_fives() -> bool:
        fives = await organizer.send("GET", f"{at}?level=5")
        return "Gus Thornapple" in {voter["name"] for voter in fives["items"]}

    await eventually(on_the_list_of_fives, saying="he is on the list of fives")
    supporters = await organizer.send("GET", at)
    assert "Gus Thornapple" not in {voter["name"] for voter in supporters["items"]}

    # Nobody calls a refused voter again.
    await page.reload()
    await expect(page.locator("[data-screen=stop]")).to_be_visible()
    await organizer.http.aclose()
