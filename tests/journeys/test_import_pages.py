"""An organizer's way from a voter file to a universe, on a phone and on a desktop."""

import re
import secrets
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from deploy.embedded.elsewhere import Elsewhere
from services.voters.domain.mending import COLUMN, MARKS, REASON, ROW
from services.voters.domain.profiles.pennsylvania import PENNSYLVANIA
from tests.journeys.scenes import downloaded
from tests.journeys.small_bank import campaign_of, file_of, organizer_of, person
from tests.journeys.test_pages import WINDOWS, log_in, look
from tests.support.backing import eventually
from tests.support.browser import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

FILES = Path(__file__).parents[1] / "voters" / "files"
PHONES = ("6105550101", "6105550102", "6105550103", "")


async def organizers_page(
    house: Elsewhere, chromium: Browser, window: ViewportSize
) -> tuple[Page, str]:
    """A page of an organizer who is logged in, and the address of the campaign."""
    organizer = await organizer_of(house)
    campaign_id = await campaign_of(house, organizer)
    await organizer.http.aclose()
    context = await chromium.new_context(viewport=window)
    page = await context.new_page()
    campaign = f"{house.url}/campaigns/{campaign_id}"
    await page.goto(f"{house.url}/log-in?next=/campaigns/{campaign_id}/imports")
    await log_in(page, *house.accounts["Organizer"])
    await page.wait_for_url(f"{campaign}/imports")
    return page, campaign


async def upload(page: Page, campaign: str, name: str, content: bytes) -> None:
    """Choose a file in the form and have it looked through."""
    await page.goto(f"{campaign}/imports/new")
    file = {"name": name, "mimeType": "text/plain", "buffer": content}
    await page.get_by_label("File", exact=True).set_input_files(file)  # type: ignore[arg-type]  # a FilePayload, as its documentation spells it.
    await page.get_by_role("button", name="Look at the file").click()
    await page.wait_for_url(re.compile(r"/imports/[0-9a-f]{8,}$"))
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)


def figure(name: str) -> str:
    return f'[data-figure="{name}"]'


@pytest.mark.parametrize("window", WINDOWS)
async def test_from_a_file_to_a_universe(
    house: Elsewhere, chromium: Browser, window: ViewportSize
) -> None:
    page, campaign = await organizers_page(house, chromium, window)
    county = "SULLIVAN" if window == DESKTOP else "ELK"
    people = [
        person(first, f"Larkmoor{secrets.token_hex(3)}", phone, county=county)
        for first, phone in zip(("Ann", "Bob", "Cyd", "Dee"), PHONES, strict=True)
    ]
    nobody = person("Nobody", "Atall", "", county=county) | {"ID Number": ""}
    name = f"{county} FVE 20261005.txt"
    await page.goto(f"{campaign}/imports/new")
    await page.get_by_role("button", name="Look at the file").click()
    await expect(page.get_by_text("Please choose a file.")).to_be_visible()
    await look(page, "import-new")

    await upload(page, campaign, name, file_of([*people, nobody]))
    await expect(page.get_by_role("heading", name="What is in this file")).to_be_visible()
    await expect(page.locator(figure("preview_good"))).to_have_text("4")
    await expect(page.locator(figure("preview_lines"))).to_have_text("3")
    await expect(page.locator("[data-first-rows]")).to_contain_text("(610) 555-0101")
    await expect(page.locator("[data-refused-rows]")).to_contain_text("ID Number")
    await look(page, "import-preview")
    await page.get_by_role("button", name="Import these 4 rows").click()
    await expect(page.locator("[data-state-badge]")).to_have_text("Imported")
    await expect(page.locator(figure("rows_new"))).to_have_text("4")
    await expect(page.locator("[data-rejected-rows]")).to_contain_text("1")
    await look(page, "import-done")
    await to_mend(page, nobody)

    # Next month's file: one has moved, one is gone. It is shorter, so a human is asked.
    people[0] |= {"Street Name": "ELSEWHERE RD", "Party Code": "R"}
    await upload(page, campaign, name, file_of(people[:3]))
    await expect(page.get_by_text("This file is shorter than the last one")).to_be_visible()
    await expect(page.locator("[data-shrunk-words]")).to_contain_text("2 fewer (40.0 %)")
    await expect(page.locator("[data-missing-words]")).to_contain_text("25.0 % of them")
    await expect(page.locator(figure("preview_missing"))).to_have_text("1")
    await expect(page.locator(figure("preview_refused"))).to_have_text("0")
    await look(page, "import-shorter")
    await page.get_by_role("button", name="Import these 3 rows").click()
    await expect(page.locator("[data-state-badge]")).to_have_text("Imported")
    for figures, text in (
        ("rows_changed", "1"),
        ("rows_unchanged", "2"),
        ("voters_missing", "1"),
    ):
        await expect(page.locator(figure(figures))).to_have_text(text)
    await expect(page.locator("[data-changes-rows]")).to_contain_text("Address")
    await look(page, "import-changes")
    await page.goto(f"{campaign}/imports")
    await expect(page.get_by_role("link", name=name).first).to_be_visible()
    await look(page, "imports")
    await compose(page, campaign, county.capitalize())
    await page.context.close()


async def to_mend(page: Page, rejected: dict[str, str]) -> None:
    """What was left out comes back as a file: each row as it was, with what is wrong before it."""
    header, *rows = await downloaded(page, "Download the rejected rows")
    assert header == [*MARKS, *PENNSYLVANIA.columns]
    assert len(rows) == 1
    row = dict(zip(header, rows[0], strict=True))
    assert " " in row[REASON], "a sentence"
    assert (row[COLUMN], row[ROW]) == ("ID Number", "5")
    assert {name: row[name] for name in rejected} == rejected


async def compose(page: Page, campaign: str, county: str) -> None:
    """A universe of one county, counted while it is composed."""
    await page.goto(f"{campaign}/universes/new")
    total = page.locator("[data-total]")
    await page.get_by_label(f"{county} (4)").check()
    await expect(total).to_have_text("3")
    await page.get_by_label("Phone").select_option("")
    await expect(total).to_have_text("4")
    await page.get_by_label("Age from").fill("90")
    await expect(total).to_have_text("0")
    await expect(page.get_by_text("Nobody is left.")).to_be_visible()
    await page.get_by_label("Age to").fill("20")
    await expect(page.get_by_text("This must be 90 or more")).to_be_visible()
    await expect(page.get_by_text("Please mend the ages first.")).to_be_visible()
    await page.get_by_label("Age to").fill("")
    await expect(page.get_by_text("This must be 90 or more")).to_be_hidden()
    await expect(total).to_have_text("0")
    await page.get_by_role("button", name="Save this universe").click()
    await page.get_by_label("Name of this universe").fill(f"Left in {county}")
    await page.get_by_role("button", name="Save this universe").click()
    await expect(page.get_by_role("alert").filter(has_text="No voter meets")).to_be_visible()
    await look(page, "universe-nobody")
    await page.get_by_label("Age from").fill("20")
    await page.get_by_label("Last attempt").select_option("never")
    await page.get_by_label("Support").select_option("unknown")
    await expect(total).to_have_text("4")
    await expect(page.get_by_role("alert").filter(has_text="No voter meets")).to_be_hidden()
    await look(page, "universe-new")
    await page.get_by_role("button", name="Save this universe").click()
    await page.wait_for_url(re.compile(r"/universes/[0-9a-f]{8,}$"))
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Left in {county}")
    link = page.get_by_role("link", name="Set up a phone bank with it")
    universe_id = page.url.rpartition("/")[2]
    await expect(link).to_have_attribute("href", re.compile(f"universe={universe_id}$"))
    await look(page, "universe")
    await in_the_list(page, campaign, f"Left in {county}")


async def in_the_list(page: Page, campaign: str, name: str) -> None:
    """The list is a view: it is there as soon as the fact has come round."""
    listed = page.get_by_role("link", name=name)

    async def found() -> bool:
        await page.goto(f"{campaign}/universes")
        return await listed.count() > 0

    await eventually(found, deadline_seconds=20, saying="the universe is in the list")
    await look(page, "universes")


async def test_an_import_is_watched_and_stopped_in_the_middle(
    house: Elsewhere, chromium: Browser
) -> None:
    page, campaign = await organizers_page(house, chromium, PHONE)
    # Without numbers: nobody of the house's own phone banks is touched.
    people = [person("Ann", f"Quillmoor{number}", "", county="FOREST") for number in range(12_000)]
    await upload(page, campaign, "FOREST FVE 20261005.txt", file_of(people))
    await page.get_by_role("button", name="Import these 12,000 rows").click(timeout=60_000)
    badge = page.locator("[data-state-badge]")
    await expect(badge).to_have_text("Importing")
    await expect(page.locator("[data-working-words]")).to_contain_text("% of the file")
    await page.get_by_role("button", name="Stop", exact=True).click()
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_role("button", name="Stop", exact=True).click()
    await expect(page.locator("[data-stop-sure]")).to_contain_text("Voters read so far stay")
    await look(page, "import-stop")
    await page.get_by_role("button", name="Yes, stop it").click()
    await expect(badge).to_have_text("Stopped")
    await expect(page.locator("[data-working]")).to_be_hidden()
    kept = (await page.locator(figure("rows_new")).text_content() or "").replace(",", "")
    assert 0 < int(kept) < len(people)
    await look(page, "import-stopped")
    await page.context.close()


@pytest.mark.parametrize("name", ["SWVF_1_22.txt", "van_list_export.csv", "DIRTY_ROWS.csv"])
async def test_other_files_are_looked_at_and_thrown_away(
    house: Elsewhere, chromium: Browser, name: str
) -> None:
    page, campaign = await organizers_page(house, chromium, DESKTOP)
    await upload(page, campaign, name, (FILES / name).read_bytes())
    if name == "DIRTY_ROWS.csv":
        await expect(page.locator("[data-state-badge]")).to_have_text("Could not be read")
        await expect(page.locator("[data-problem]")).to_contain_text("This layout is not known")
        await expect(page.get_by_role("link", name="Import another file")).to_be_visible()
    else:
        await expect(page.locator("[data-preview-words]")).to_contain_text("25 rows")
        await look(page, f"preview-{name}")
        await page.get_by_role("button", name="Throw away").click()
        await expect(page.locator("[data-state-badge]")).to_have_text("Thrown away")
        await expect(page.locator("[data-preview]")).to_be_hidden()
    await look(page, f"after-{name}")
    await page.context.close()
