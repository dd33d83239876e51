"""Scene 4: every response is seen as it is marked, and only who should be is called again."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from bench.callers import sign_up
from tests.journeys.scenes import (
    A_DAY_LATER_SECONDS,
    call_screen,
    organizer_page,
    result_of,
    save,
    until_tuesday_seconds,
)
from tests.journeys.small_bank import Organizer, campaign_of, organizer_of
from tests.journeys.test_pages import look
from tests.journeys.van_bank import Listed, open_bank
from tests.support.backing import eventually
from tests.support.whole_house import whole_house

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

VOTERS = [
    Listed("Nora", "Nothome", "814-555-0101"),
    Listed("Bert", "Busyline", "814-555-0102"),
    Listed("Wren", "Wrongly", "814-555-0103", "814-555-0113"),
    Listed("Dina", "Deadline", "814-555-0104"),
    Listed("Rolf", "Refusing", "814-555-0105"),
    Listed("Hugo", "Lateman", "814-555-0106"),
    Listed("Wilma", "Lateman", "814-555-0106"),
    Listed("Tess", "Talker", "814-555-0107"),
    Listed("Slip", "Stillhere", "814-555-0108"),
]
RESPONSES = {
    "Nora": "Not home",
    "Bert": "Busy",
    "Wren": "Wrong number",
    "Dina": "Disconnected",
    "Rolf": "Refused",
    "Tess": "Talked to the voter",
    "Slip": "Deceased",
}
AS_MARKED = {
    "not_home": 3,
    "busy": 1,
    "wrong_number": 1,
    "disconnected": 1,
    "refused": 1,
    "deceased": 1,
    "canvassed": 1,
}
FIRST_LINES = 8
# Not home, busy, the slip put right to not home, the widow, and the wrong number's other number.
CALLED_AGAIN = {"Nora", "Bert", "Slip", "Wilma", "Wren"}


async def mark(page: Page) -> str:
    """Mark whoever is on the screen as the scene has it; answers the first name."""
    line = await page.locator("[data-line]").inner_text()
    name = next(name for name in ("Hugo", *RESPONSES) if name in line)
    if name == "Hugo":
        await page.locator("[data-who]").get_by_label("Someone else").first.check()
        await result_of(page, "Hugo").get_by_label("Deceased").check()
        await result_of(page, "Wilma").get_by_label("Not home").check()
    else:
        await result_of(page, name).get_by_label(RESPONSES[name]).check()
        if name in {"Wren", "Slip"}:
            await page.locator("[data-who]").get_by_label("Someone else").first.check()
    return name


async def undo_the_slip(page: Page) -> None:
    """By keyboard, while another voter is on the screen."""
    await page.locator("#call-heading").focus()
    before = await page.locator("[data-line]").inner_text()
    await page.keyboard.press("u")
    dialog = page.locator("dialog[open]")
    await expect(dialog).to_contain_text("Slip Stillhere")
    await expect(dialog.get_by_label("Deceased")).to_be_checked()
    await look(page, "call-undo")
    await dialog.get_by_label("Not home").check()
    await dialog.get_by_label("Nobody").check()
    await dialog.get_by_role("button", name="Save the correction").click()
    await expect(page.locator("[data-saved]")).to_contain_text("Corrected: Not home for Slip")
    assert await page.locator("[data-line]").inner_text() == before


async def call_everybody(page: Page, board: Page) -> dict[str, str]:
    """One call a line, each on the board within two seconds; the number called, by first name."""
    called: dict[str, str] = {}
    results = 0
    for _ in range(FIRST_LINES):
        number = await page.locator("[data-number]").first.inner_text()
        name = await mark(page)
        called[name] = number
        await save(page)
        results += 2 if name == "Hugo" else 1
        await expect(board.locator("[data-figure=calls]")).to_have_text(str(results), timeout=2_000)
        if name == "Slip":
            await undo_the_slip(page)
    return called


async def until_the_board_says(
    organizer: Organizer, bank_id: str, dispositions: dict[str, int]
) -> None:
    """Wait for exactly these."""

    async def as_marked() -> bool:
        status = await organizer.send("GET", f"/gotv/phone-banks/{bank_id}/dashboard")
        said = {name: count for name, count in status["dispositions"].items() if count}
        assert said == dispositions, said
        return True

    await eventually(as_marked, saying="the board has every response as it was marked last")


async def until_the_tallies_say(
    organizer: Organizer, bank_id: str, attempts: int, calls: int
) -> None:
    async def counted() -> bool:
        tallies = await organizer.send("GET", f"/results/phone-banks/{bank_id}/tallies")
        assert (tallies["attempts"], tallies["calls"]) == (attempts, calls), tallies
        return True

    await eventually(counted, saying="every call is tallied")


async def test_scene_4_all_seven_responses_while_an_organizer_watches(
    tmp_path: Path, volunteer: BrowserContext, elsewhere: BrowserContext
) -> None:
    folder = tmp_path / "house"
    offset_seconds = until_tuesday_seconds(15)
    async with whole_house(
        folder, CLOCK_OFFSET_SECONDS=str(offset_seconds), DEMO_VOTERS="50"
    ) as demo:
        organizer = await organizer_of(demo)
        campaign_id = await campaign_of(demo, organizer)
        bank_id = await open_bank(demo, organizer, VOTERS, "Cameron County")
        caller = (await sign_up(demo.url, demo.mail_url, 1))[0]
        board = await organizer_page(
            elsewhere, demo, f"/campaigns/{campaign_id}/phone-banks/{bank_id}"
        )
        await expect(board.locator("[data-figure=calls]")).to_have_text("0")

        page = await call_screen(volunteer, demo, bank_id, caller.email)
        called = await call_everybody(page, board)
        results = FIRST_LINES + 1  # Two voters on one line.
        assert sorted(called) == sorted(["Hugo", *RESPONSES])
        wrong = called["Wren"]

        # Every call counts, a wrong number too; the slip is on the board no more.
        await until_the_board_says(organizer, bank_id, AS_MARKED)
        await until_the_tallies_say(organizer, bank_id, FIRST_LINES, results)
        # Who was on the wrong number is tried on the other one, once everybody had a first call.
        await expect(page.locator("[data-line]")).to_contain_text("Wren Wrongly")
        await expect(page.locator("[data-number]").first).not_to_have_text(wrong)
        await page.get_by_role("button", name="Stop calling for today").click()
        await expect(page.get_by_role("heading", name="Thank you for calling")).to_be_visible()
        await expect(page.get_by_text(f"{FIRST_LINES} calls today").first).to_be_visible()

        async def everybody_has_heard() -> bool:
            found = await organizer.send("GET", "/queue/phone-banks?organization=dvc-palo-alto")
            (bank,) = [each for each in found["phone_banks"] if each["bank_id"] == bank_id]
            assert bank["callable_now"] == 1, bank  # The other number that was just given back.
            return True

        await eventually(everybody_has_heard, saying="every result has reached its line")
        await organizer.http.aclose()

    offset_seconds += A_DAY_LATER_SECONDS
    async with whole_house(
        folder, CLOCK_OFFSET_SECONDS=str(offset_seconds), DEMO_VOTERS="50"
    ) as demo:
        page = await call_screen(volunteer, demo, bank_id, caller.email)
        again = []
        for _ in CALLED_AGAIN:
            line = page.locator("[data-line]")
            text = await line.inner_text()
            again.append(next(name for name in (*RESPONSES, "Wilma") if name in text))
            assert "Hugo" not in text
            await page.locator("[data-household=not_home]").click()
            await save(page)
        assert sorted(again) == sorted(CALLED_AGAIN)
        await expect(page.locator("[data-screen=stop]")).to_be_visible()
