"""The call screen under a caller's hands: without a connection, after a reload, by keyboard."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, Request, Route, expect

from bench.callers import BenchCaller, sign_up
from deploy.embedded.elsewhere import Elsewhere
from tests.journeys.scenes import NEW_YORK, call_screen, result_of
from tests.journeys.small_bank import (
    Organizer,
    campaign_of,
    file_of,
    open_small_bank,
    organizer_of,
    person,
    unshared_number,
)
from tests.journeys.test_pages import look
from tests.support.backing import eventually

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

KEPT = "1 result is kept on this device and will be sent by itself."
TABS_MAX = 30
NOT_HOME, BUSY, TALKED = "1", "2", "7"


@dataclass
class Desk:
    """An organizer who opens small phone banks, and a caller for them."""

    house: Elsewhere
    organizer: Organizer
    caller: BenchCaller

    async def bank(self, county: str, *people: dict[str, str]) -> str:
        return await open_small_bank(
            self.house, self.organizer, file_of(people), f"{county} by itself", county=county
        )

    async def screen(self, context: BrowserContext, bank_id: str) -> Page:
        return await call_screen(context, self.house, bank_id, self.caller.email)

    async def attempts(self, bank_id: str) -> tuple[int, int]:
        """Results and calls, as the tallies have them."""
        tallies = await self.organizer.send("GET", f"/results/phone-banks/{bank_id}/tallies")
        return tallies["calls"], tallies["attempts"]

    async def until_it_counts(self, bank_id: str, calls: int) -> None:
        """Wait for so many calls, and find each on the organizer's list once."""

        async def counted() -> bool:
            assert await self.attempts(bank_id) == (calls, calls)
            return True

        await eventually(counted, saying=f"{calls} calls are counted")
        campaign_id = await campaign_of(self.house, self.organizer)
        path = f"/results/campaigns/{campaign_id}/calls?bank={bank_id}"

        async def listed() -> bool:
            items = (await self.organizer.send("GET", path))["items"]
            assert len(items) == calls, items
            return True

        await eventually(listed, saying=f"{calls} calls are listed")


@pytest_asyncio.fixture(loop_scope="session")
async def desk(house: Elsewhere) -> AsyncIterator[Desk]:
    organizer = await organizer_of(house)
    (caller,) = await sign_up(house.url, house.mail_url, 1)
    yield Desk(house, organizer, caller)
    await organizer.http.aclose()


def voter(first: str, county: str) -> dict[str, str]:
    return person(first, "Trainfield", unshared_number(), county=county.upper())


def keys_of_results(page: Page) -> list[str]:
    """The keys under which this page has sent results, as it goes on."""
    keys: list[str] = []

    def sent(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/results/calls"):
            keys.append(request.headers["idempotency-key"])

    page.on("request", sent)
    return keys


async def mark_not_home(page: Page) -> str:
    """One tap and Save; answers who was called."""
    name = await page.locator("#call-heading").inner_text()
    await page.locator("[data-household=not_home]").click()
    await page.get_by_role("button", name="Save and next").click()
    return name


async def next_after(page: Page, name: str) -> None:
    """Another voter is on the screen, and nothing waits on this device."""
    await expect(page.locator("[data-screen=call]")).to_be_visible()
    await expect(page.locator("#call-heading")).not_to_have_text(name)
    await expect(page.locator("[data-outbox] .notice")).to_have_count(0)


async def test_a_result_saved_in_a_tunnel_is_sent_once_when_the_train_is_out(
    desk: Desk, volunteer: BrowserContext
) -> None:
    bank_id = await desk.bank("Potter", voter("Ann", "Potter"), voter("Bob", "Potter"))
    page = await desk.screen(volunteer, bank_id)
    keys = keys_of_results(page)
    await volunteer.set_offline(True)
    name = await mark_not_home(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        "There is no connection right now"
    )
    await expect(page.get_by_text("What you recorded is kept.")).to_be_visible()
    await expect(page.get_by_text(KEPT)).to_be_visible()
    await look(page, "call-offline")
    assert await desk.attempts(bank_id) == (0, 0)

    # Nobody has to press anything.
    await volunteer.set_offline(False)
    await next_after(page, name)
    await expect(page.locator("[data-saved]")).to_contain_text(
        f"Saved: Not home for {name.split()[0]}"
    )
    await desk.until_it_counts(bank_id, 1)
    assert len(set(keys)) == 1, "every try stands for the same call"


async def test_a_result_that_arrived_and_whose_answer_was_lost_counts_once(
    desk: Desk, volunteer: BrowserContext
) -> None:
    bank_id = await desk.bank("Tioga", voter("Cyd", "Tioga"), voter("Dan", "Tioga"))
    page = await desk.screen(volunteer, bank_id)
    keys = keys_of_results(page)
    statuses: list[int] = []

    async def lose_the_answer(route: Route) -> None:
        statuses.append((await route.fetch()).status)
        await route.abort()

    await page.route("**/results/calls", lose_the_answer)
    name = await mark_not_home(page)
    await expect(page.get_by_text(KEPT)).to_be_visible()
    assert statuses[0] == 201, "the server has it"
    await page.unroute("**/results/calls")
    await page.get_by_role("button", name="Try again").click()
    await next_after(page, name)
    await desk.until_it_counts(bank_id, 1)
    assert len(keys) > 1
    assert len(set(keys)) == 1, "every try stands for the same call"


async def test_a_result_outlives_its_page(desk: Desk, volunteer: BrowserContext) -> None:
    bank_id = await desk.bank("Union", voter("Eve", "Union"), voter("Fay", "Union"))
    page = await desk.screen(volunteer, bank_id)
    await volunteer.set_offline(True)
    name = await mark_not_home(page)
    await expect(page.get_by_text(KEPT)).to_be_visible()
    await page.close()
    await volunteer.set_offline(False)
    assert await desk.attempts(bank_id) == (0, 0)

    page = await desk.screen(volunteer, bank_id)
    await next_after(page, name)
    await desk.until_it_counts(bank_id, 1)


async def test_a_half_filled_form_survives_a_reload(desk: Desk, volunteer: BrowserContext) -> None:
    bank_id = await desk.bank("Snyder", voter("Gil", "Snyder"), voter("Hal", "Snyder"))
    page = await desk.screen(volunteer, bank_id)
    name = await page.locator("#call-heading").inner_text()
    number = await page.locator("[data-number]").get_attribute("data-number")
    who = page.locator("[data-screen=call] [data-who]")
    result = result_of(page, name)
    note = result.get_by_label("Note about the call")
    await who.get_by_label(name).check()
    await page.get_by_label("Leaning Ida Marlowe").check()
    await page.get_by_label("Roads and transit").check()
    await result.get_by_label("Refused").check()
    await result.get_by_text("Add a note").click()
    await note.fill("Asks about the bridge")

    await page.reload()
    await expect(page.locator("#call-heading")).to_have_text(name)
    await expect(page.locator("[data-number]")).to_have_attribute("data-number", str(number))
    await expect(who.get_by_label(name)).to_be_checked()
    await expect(page.get_by_label("Leaning Ida Marlowe")).to_be_checked()
    await expect(page.get_by_label("Roads and transit")).to_be_checked()
    await expect(result.get_by_label("Refused")).to_be_checked()
    # Unfolded, for what is out of sight is taken for lost.
    await expect(note).to_be_visible()
    await expect(note).to_have_value("Asks about the bridge")

    # It belongs to that voter: the next one starts with an empty form.
    await page.get_by_role("button", name="Save and next").click()
    await expect(page.locator("#call-heading")).not_to_have_text(name)
    await expect(page.locator("[data-screen=call] input[type=radio]:checked")).to_have_count(0)
    await page.reload()
    await expect(page.locator("[data-screen=call]")).to_be_visible()
    await expect(page.locator("[data-screen=call] input[type=radio]:checked")).to_have_count(0)


async def tab_to(page: Page, place: str) -> None:
    """Press Tab until the focus is here; each stop on the way has to show that it is one."""
    for _ in range(TABS_MAX):
        await page.keyboard.press("Tab")
        assert await page.evaluate(
            """() => [document.activeElement, document.activeElement.closest('label')]
                .some((each) => each && getComputedStyle(each).outlineStyle !== 'none')"""
        ), f"no focus to be seen on the way to {place}"
        if await page.evaluate("(place) => document.activeElement.matches(place)", place):
            return
    pytest.fail(f"{place} is not reached with {TABS_MAX} presses of Tab")


async def test_a_call_by_keyboard_alone(desk: Desk, elsewhere: BrowserContext) -> None:
    bank_id = await desk.bank("Perry", voter("Ida", "Perry"), voter("Jon", "Perry"))
    page = await desk.screen(elsewhere, bank_id)
    heading = page.locator("#call-heading")
    name = await heading.inner_text()
    await expect(heading).to_be_focused()
    await tab_to(page, "[data-who] input")
    await page.keyboard.press("Space")
    await expect(page.locator("[data-screen=call] [data-who]").get_by_label(name)).to_be_checked()
    await page.keyboard.press(BUSY)
    await expect(result_of(page, name).get_by_label("Busy")).to_be_checked()
    await page.keyboard.press(TALKED)
    await expect(result_of(page, name).get_by_label("Talked to the voter")).to_be_checked()
    await page.keyboard.press("Enter")

    # The next voter is read out: the focus is on the name, and the keys go on from there.
    await expect(heading).not_to_have_text(name)
    await expect(heading).to_be_focused()
    await expect(page.locator("[data-saved]")).to_contain_text("Saved: Talked to the voter for")
    await desk.until_it_counts(bank_id, 1)
    # Enter without a result says what is missing, and goes there.
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="Who did you speak")).to_be_visible()
    await expect(page.locator("[data-screen=call] [data-who] input").first).to_be_focused()
    await page.keyboard.press(NOT_HOME)
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-screen=stop]")).to_be_visible()
    await desk.until_it_counts(bank_id, 2)


async def test_the_keys_can_be_turned_off(desk: Desk, elsewhere: BrowserContext) -> None:
    bank_id = await desk.bank("Juniata", voter("Kit", "Juniata"))
    page = await desk.screen(elsewhere, bank_id)
    heading, checked = page.locator("#call-heading"), page.locator(".result input:checked")
    await heading.focus()
    await page.keyboard.press(NOT_HOME)
    await expect(checked).to_have_count(1)
    switch = page.get_by_role("checkbox", name="Keys")
    await switch.uncheck()
    for _ in range(2):
        await heading.focus()
        await page.keyboard.press(BUSY)
        await page.keyboard.press("Enter")
        # A round trip of its own: a key that did something would have done it by now.
        await expect(page.get_by_label("Not home")).to_be_checked()
        await expect(page.locator("[data-screen=call]")).to_be_visible()
        assert await desk.attempts(bank_id) == (0, 0)
        # The choice is kept for the next time.
        await page.reload()
        await expect(page.locator("[data-screen=call]")).to_be_visible()
        await expect(switch).not_to_be_checked()
    await switch.check()
    await heading.focus()
    await page.keyboard.press(BUSY)
    await expect(page.locator(".result").get_by_label("Busy")).to_be_checked()


async def test_the_screen_says_who_is_called_where_and_how_late_it_is_there(
    desk: Desk, volunteer: BrowserContext
) -> None:
    lou = voter("Lou", "Montour")
    bank_id = await desk.bank("Montour", lou)
    page = await desk.screen(volunteer, bank_id)
    today = datetime.now(NEW_YORK)
    age = today.year - 1971 - ((today.month, today.day) < (1, 14))
    await expect(page.locator("#call-heading")).to_have_text("Lou Trainfield")
    await expect(page.locator(".voter-facts")).to_have_text(f"{age} \u00b7 D \u00b7 Emporium")
    number = page.locator("[data-number]")
    area, rest = lou["Home Phone"].split("-", 1)
    await expect(number).to_contain_text(f"({area}) {rest}")
    dialed = "+1" + lou["Home Phone"].replace("-", "")
    await expect(number).to_have_attribute("href", f"tel:{dialed}")

    async def is_their_time() -> bool:
        """Not the reader's: the browser's own zone is another one."""
        shown = " ".join((await page.locator(".voter-clock time").inner_text()).split())
        now = datetime.now(NEW_YORK)
        moments = [now, now - timedelta(minutes=1)]
        assert shown in {f"{at:%I:%M %p %Z}".lstrip("0") for at in moments}, shown
        return True

    await expect(page.locator(".voter-clock")).to_contain_text("Lou\u2019s time")
    await eventually(is_their_time, saying="the voter's own time is shown")
