"""An organizer sets up a phone bank in a real browser, and a caller follows its script."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Request, ViewportSize, expect

from bench.callers import PASSWORD, sign_up
from deploy.embedded.elsewhere import Elsewhere
from tests.journeys.small_bank import campaign_of, organizer_of
from tests.journeys.test_pages import WINDOWS, log_in, look
from tests.support.browser import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

SCRIPT = """# Opening
Hello, may I speak with {first_name|the voter}?

? support: May {candidate} count on your vote?
- Surely
- Leaning
- Undecided
- Leaning other
- Surely other -> end
- Would not say

# Helping
[if support <= 2]
? volunteer: Will you help us on a Saturday?

? several issues: What matters to you?
- Schools
- Work

? call-back later: When may we call again?

## Thanks
Thank you, {first_name|friend}!

## Who is calling
Calling for Ida Marlowe. Paid for by Friends of Ida Marlowe.
"""


async def organizers_page(house: Elsewhere, browser: Browser, window: ViewportSize) -> Page:
    """The list of phone banks, as an organizer who has just logged in."""
    organizer = await organizer_of(house)
    campaign_id = await campaign_of(house, organizer)
    await organizer.http.aclose()
    page = await (await browser.new_context(viewport=window)).new_page()
    path = f"/campaigns/{campaign_id}/set-up"
    await page.goto(f"{house.url}/log-in?next={path}")
    await log_in(page, *house.accounts["Organizer"])
    await page.wait_for_url(f"{house.url}{path}")
    return page


async def set_up(page: Page, name: str) -> str:
    """Fill in the form of a practice bank; answers the new bank's address."""
    await page.get_by_role("link", name="Set up a phone bank").click()
    await look(page, "set-up-new")
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_role("button", name="Set it up").click()
    await expect(page.locator("#candidate-error")).to_be_visible()
    await expect(page.get_by_role("alert").filter(has_text="Candidate or cause")).to_be_visible()
    await page.get_by_label("Candidate or cause").fill("Ida Marlowe")
    await page.get_by_label("Universe").select_option(label="Pennsylvania voters with a number")
    await page.get_by_label("State").select_option("PA")
    await page.get_by_label("Practice bank").check()
    await page.get_by_label("Other hours on single days").fill("2026-11-26 shut")
    await page.get_by_role("button", name="Set it up").click()
    await expect(page.locator("#dates-error")).to_contain_text("2026-11-26 shut")
    await page.get_by_label("Other hours on single days").fill("2026-11-26 closed")
    await page.get_by_label("Monday from").fill("10:00")
    await page.get_by_label("No calls on Sunday").check()
    await page.get_by_role("button", name="Set it up").click()
    await page.wait_for_url(re.compile(r"/set-up/[0-9a-f]{32}$"))
    return page.url


@pytest.mark.parametrize("window", WINDOWS)
async def test_from_nothing_to_a_caller_on_the_new_script(
    house: Elsewhere, chromium: Browser, window: ViewportSize
) -> None:
    name = f"Set up at {window['width']}"
    page = await organizers_page(house, chromium, window)
    await look(page, "set-up-banks")
    place = await set_up(page, name)
    await expect(page.get_by_role("link", name="There is no script yet")).to_be_visible()
    await expect(page.get_by_text(re.compile(r"\d+ voters are left to call"))).to_be_visible()
    await expect(page.get_by_text("Calling is allowed on 6 days a week")).to_be_visible()
    await expect(page.get_by_label("Monday from")).to_have_value("10:00")
    await expect(page.get_by_label("No calls on Sunday")).to_be_checked()
    await expect(page.get_by_label("Other hours on single days")).to_have_value("2026-11-26 closed")
    await look(page, "set-up-bank")
    await write_script(page, place)
    await open_it(page, name)
    await follow_it(house, chromium, window, place)
    await close_it(page, name)
    await page.context.close()


async def write_script(page: Page, place: str) -> None:
    """The editor: faults by line, a preview that follows the answers, a version that is live."""
    await page.get_by_role("link", name="Write the script").click()
    await page.wait_for_url(f"{place}/script")
    await page.get_by_text("How to write one").click()
    editor, text = page.locator("[data-editor]"), page.get_by_label("The script as text")
    # The text to begin with has dots to fill in: who pays is not said yet.
    await expect(editor).to_have_attribute("data-state", "faulty")
    await expect(page.get_by_role("button", name="Fill in the dots")).to_be_visible()
    await text.fill(SCRIPT.replace("? support", "? suport"))
    await expect(editor).to_have_attribute("data-state", "faulty")
    await expect(page.get_by_role("button", name="Publish as version 1")).to_be_disabled()
    await look(page, "set-up-script-faulty")
    # By keyboard: the fault leads to its line.
    await page.get_by_role("button", name="Line 4: “suport” is no kind of question").focus()
    await page.keyboard.press("Enter")
    await expect(text).to_be_focused()
    chosen = await text.evaluate("each => each.value.slice(each.selectionStart, each.selectionEnd)")
    assert chosen.startswith("? suport:")
    await text.fill(SCRIPT)
    await expect(editor).to_have_attribute("data-state", "sound")
    await expect(page.get_by_text("Hello, may I speak with Maria?")).to_be_visible()
    await page.get_by_label("Read it to").select_option(
        label="Somebody of whom the file knows no name"
    )
    await expect(page.get_by_text("Hello, may I speak with the voter?")).to_be_visible()
    await follows_the_answers(page)
    await look(page, "set-up-script")
    await page.get_by_role("button", name="Publish as version 1").click()
    await expect(page.get_by_text("Version 1 is live.")).to_be_visible()
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    # What is published and not changed since is nothing to publish; an edit is kept over a reload.
    await expect(page.get_by_role("button", name="Publish as version 2")).to_be_disabled()


async def follows_the_answers(page: Page) -> None:
    """What an answer leads to is shown once it is given, and goes when another takes its place."""
    script = page.locator("[data-script]")
    volunteer = script.get_by_text("Will you help us on a Saturday?")
    issues = script.get_by_text("What matters to you?")
    await expect(issues).to_be_visible()
    await expect(volunteer).to_be_hidden()
    await script.get_by_label("Leaning", exact=True).check()
    await expect(volunteer).to_be_visible()
    await script.get_by_label("Would not say").check()
    await expect(volunteer).to_be_hidden()
    await expect(issues).to_be_visible()
    await script.get_by_label("Surely other").check()
    await expect(issues).to_be_hidden()
    await script.get_by_label("Surely", exact=True).check()
    await expect(volunteer).to_be_visible()
    await script.get_by_label("Schools").check()
    await script.get_by_label("Work").check()


async def open_it(page: Page, name: str) -> None:
    """The bank is opened on its page, paused there, and opened again from the list by keyboard."""
    await page.get_by_role("link", name=name, exact=True).click()
    await page.get_by_role("button", name=f"Open {name}").click()
    await expect(page.get_by_role("status").filter(has_text=f"{name} is open")).to_be_focused()
    await look(page, "set-up-bank-open")
    await page.get_by_label("A note to callers").fill("Early voting begins on Monday.")
    await page.get_by_role("button", name=f"Pause {name}").click()
    await expect(page.get_by_role("alert").filter(has_text="Save them first")).to_be_focused()
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Saved. Callers have it")).to_be_visible()
    await page.get_by_role("button", name=f"Pause {name}").click()
    await expect(page.get_by_role("status").filter(has_text=f"{name} is paused")).to_be_focused()
    await (
        page.get_by_label("Campaign", exact=False)
        .or_(page.get_by_role("navigation"))
        .get_by_role("link", name="Phone banks")
        .first.click()
    )
    card = page.get_by_role("article", name=name)
    await card.get_by_role("button", name=f"Open {name}").focus()
    await page.keyboard.press("Enter")
    await expect(card.get_by_text("Open", exact=True)).to_be_visible()
    await expect(card.get_by_role("button", name=f"Pause {name}")).to_be_visible()


async def follow_it(house: Elsewhere, browser: Browser, window: ViewportSize, place: str) -> None:
    """A caller's screen follows the answers too, and what became beside the point is not sent."""
    caller = (await sign_up(house.url, house.mail_url, 1))[0]
    page = await (await browser.new_context(viewport=window)).new_page()
    await page.goto(f"{house.url}/call/{place.rpartition('/')[2]}")
    await log_in(page, caller.email, PASSWORD)
    await expect(page.locator("[data-screen=call]")).to_be_visible()
    await page.locator("[data-who] label").first.click()
    await follows_the_answers(page)
    await page.locator("[data-script]").get_by_label("Yes").check()
    await page.locator("[data-script]").get_by_role("button", name="Promise to call back").click()
    await expect(page.locator("[data-promise-at]").first).to_be_focused()
    await look(page, "set-up-call")
    await page.locator("[data-script]").get_by_label("Surely other").check()
    sent: list[Any] = []

    def note(request: Request) -> None:
        if request.url.endswith("/results/calls"):
            sent.append(request.post_data_json)

    page.on("request", note)
    for voter in await page.locator("fieldset.result").all():
        first = voter.get_by_label("Talked to the voter")
        await (first if await first.is_enabled() else voter.get_by_label("Not home")).check()
    await page.get_by_role("button", name="Save and next").click()
    await expect(page.get_by_text("1 call today")).to_be_visible()
    assert sent[0]["results"][0]["answers"] == {"support": "5"}
    await page.context.close()


async def close_it(page: Page, name: str) -> None:
    """Closing asks first; Escape keeps the bank."""
    card = page.get_by_role("article", name=name)
    dialog = page.get_by_role("dialog")
    await card.get_by_role("button", name=f"Close {name}").click()
    await expect(dialog).to_contain_text("It ends for good")
    await look(page, "set-up-close")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await card.get_by_role("button", name=f"Close {name}").click()
    await dialog.get_by_role("button", name="Close it for good").click()
    await expect(dialog).to_be_hidden()
    # What has ended is folded away.
    await page.get_by_text(re.compile(r"\d+ that ha(s|ve) ended")).click()
    await expect(card.get_by_text("Closed", exact=True)).to_be_visible()
    await expect(card.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("window", WINDOWS)
async def test_settings_are_changed_and_cloned_and_versions_come_back(
    house: Elsewhere, chromium: Browser, window: ViewportSize
) -> None:
    page = await organizers_page(house, chromium, window)
    name = f"To be changed at {window['width']}"
    place = await set_up(page, name)
    await page.get_by_label("A note to callers").fill("Early voting begins on Monday.")
    await page.get_by_text("Results: rename, explain, order, hide").click()
    busy = page.locator("[data-disposition=busy]")
    await busy.get_by_label("Shown as").fill("Engaged")
    await busy.get_by_role("button", name="Move Busy up").focus()
    await page.keyboard.press("Enter")
    moved = page.locator("[data-disposition=moved]").get_by_label("Where")
    await moved.select_option("first")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("[data-form-problem]")).to_contain_text("1 to 7 at once")
    await moved.select_option("hidden")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved. Callers have it within seconds.")).to_be_visible()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Nothing was changed.")).to_be_visible()
    await page.reload()
    first = page.locator("[data-disposition]").first
    await expect(first.get_by_label("Shown as")).to_have_value("Engaged")
    await page.get_by_text("Results: rename, explain, order, hide").click()
    await look(page, "set-up-bank-changed")
    for number in (1, 2):
        await page.goto(f"{place}/script")
        await page.get_by_label("The script as text").fill(f"{SCRIPT}Version {number} of it.\n")
        await page.get_by_role("button", name=f"Publish as version {number}").click()
        await expect(page.get_by_text(f"Version {number} is live.")).to_be_visible()
    await page.get_by_role("button", name="Put in the editor version 1").click()
    await expect(page.get_by_label("The script as text")).to_have_value(
        re.compile(r"Version 1 of it\.")
    )
    await page.get_by_role("button", name="Publish as version 3").click()
    await expect(page.get_by_text("Version 3 is live.")).to_be_visible()
    await page.goto(place)
    await page.get_by_role("link", name="Clone").click()
    await expect(page.get_by_label("Name", exact=True)).to_have_value(f"{name} (copy)")
    await expect(page.get_by_label("A note to callers")).to_have_value(
        "Early voting begins on Monday."
    )
    await look(page, "set-up-clone")
    await page.get_by_role("button", name="Clone it").click()
    await page.wait_for_url(re.compile(r"/set-up/[0-9a-f]{32}$"))
    await expect(page.get_by_text("A script is published (version 1).")).to_be_visible()
    await page.context.close()


async def test_an_unpublished_text_survives_a_reload(house: Elsewhere, chromium: Browser) -> None:
    page = await organizers_page(house, chromium, DESKTOP)
    await page.get_by_role("link", name="Script").first.click()
    text = page.get_by_label("The script as text")
    published = await text.input_value()
    await expect(page.locator("[data-editor]")).to_have_attribute("data-state", "sound")
    await text.fill(SCRIPT)
    page.on("dialog", lambda dialog: dialog.accept())
    await page.reload()
    await expect(text).to_have_value(SCRIPT)
    await page.get_by_role("button", name="Go back to what is published").click()
    await expect(text).to_have_value(published)
    await page.context.close()


async def test_a_volunteer_may_not_set_up_phone_banks(house: Elsewhere, chromium: Browser) -> None:
    organizer = await organizer_of(house)
    campaign_id = await campaign_of(house, organizer)
    await organizer.http.aclose()
    caller = (await sign_up(house.url, house.mail_url, 1))[0]
    page = await (await chromium.new_context(viewport=PHONE)).new_page()
    path = f"/campaigns/{campaign_id}/set-up"
    await page.goto(f"{house.url}/log-in?next={path}")
    await log_in(page, caller.email, PASSWORD)
    await page.wait_for_url(f"{house.url}{path}")
    await expect(page.get_by_role("heading", name="This page is not for you")).to_be_visible()
    await look(page, "set-up-no-permission")
    await page.context.close()


def block(id: str, *, step: str | None = None, **parts: Any) -> dict[str, Any]:
    """A block of a script as the call screen gets it; a yes-no where nothing else is said."""
    return {"id": id, "kind": "yes_no", "text": id, "options": [], "step": step, **parts}


SUPPORT = block(
    "support",
    meaning="support",
    step="one",
    options=[
        {"value": "1", "go_to": None},
        {"value": "3", "go_to": "three"},
        {"value": "5", "go_to": "end"},
        {"value": "0", "go_to": None},
    ],
)
FORK = block(
    "fork",
    step="three",
    options=[{"value": True, "go_to": "four"}, {"value": False, "go_to": "end"}],
)
GRAPH = {
    "steps": [
        {"id": "one", "then": None},
        {"id": "two", "then": "four"},
        {"id": "three", "then": None},
        {"id": "four", "then": None},
    ],
    "blocks": [
        block("hello"),
        SUPPORT,
        block("few", step="one", show_if={"block": "support", "test": "at_most", "value": 2}),
        block("many", step="one", show_if={"block": "support", "test": "at_least", "value": "1"}),
        block("not_one", step="one", show_if={"block": "support", "test": "is_not", "value": "1"}),
        block("why", step="two", show_if={"block": "few", "value": [True, "perhaps"]}),
        FORK,
        block("last", step="four"),
    ],
}


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        ({}, "hello support last"),
        ({"support": "1"}, "hello support few many last"),
        ({"support": 1}, "hello support few many last"),
        ({"support": "0"}, "hello support not_one last"),
        ({"support": "1", "few": True}, "hello support few many why last"),
        ({"support": "0", "few": True}, "hello support not_one last"),
        ({"support": "5"}, "hello support"),
        ({"support": "3"}, "hello support fork …"),
        ({"support": "3", "fork": True}, "hello support fork last"),
        ({"support": "3", "fork": False}, "hello support fork"),
    ],
)
async def test_the_path_through_a_script_follows_the_answers(
    house: Elsewhere, chromium: Browser, answers: dict[str, Any], shown: str
) -> None:
    page = await chromium.new_page()
    await page.goto(f"{house.url}/calls/dvc-palo-alto")
    style = await page.locator("link[href$='calls-page.css']").get_attribute("href")
    assert style is not None
    path = await page.evaluate(
        """async ([module, script, answers]) => {
            const { pathOf } = await import(module);
            const path = pathOf(script, answers);
            return [...path.blocks, ...(path.waits ? ["…"] : [])].join(" ");
        }""",
        [style.replace("calls-page.css", "script-path.js"), GRAPH, answers],
    )
    assert path == shown
    await page.close()
