"""Scene 2, the Bluevote volunteer: registered once, then e-mail, organization and a code, once."""

import json
import re
import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, expect

from deploy.embedded.elsewhere import Elsewhere
from libs.bus import TYPE
from tests.journeys.scenes import A_DAY_LATER_SECONDS, until_tuesday_seconds
from tests.journeys.small_bank import household_file, open_small_bank, organizer_of
from tests.journeys.test_pages import look
from tests.support.backing import eventually
from tests.support.browser import DESKTOP, PHONE
from tests.support.topic import read_topic
from tests.support.whole_house import practice_bank, whole_house

PASSWORD = "four plain words here"  # noqa: S105 - of the tests.
CODE = r"^(\d{6})\r?$"
# What a phone's own Share sheet is told; Chromium on a desk may have none.
SHARE_SHEET = "navigator.share = async (told) => { window.shared = told; };"

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


async def mailed(demo: Elsewhere, email: str, pattern: str, *, but: str = "") -> str:
    """What the newest mail that has it says, once that is something else than `but`."""

    async def found() -> str | None:
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"{demo.mail_url}/messages", params={"to": email})
        texts = [str(message["text"]) for message in answer.json()]
        matches = [re.search(pattern, text, re.MULTILINE) for text in texts]
        newest = next((match.group(1) for match in matches if match), None)
        return newest if newest != but else None

    said = await eventually(found, deadline_seconds=20, saying=f"a mail to {email}")
    assert said is not None
    return said


async def register(page: Page, email: str) -> None:
    """From the log-in page, without a phone and a street."""
    await page.get_by_role("link", name="Click here to Register").click()
    await page.get_by_label("First name").fill("Bea")
    await page.get_by_label("Last name").fill("Bluebird")
    await page.get_by_label("E-mail address").fill(email)
    await look(page, "register")
    await page.get_by_role("button", name="Confirm Registration").click()
    await expect(page.get_by_label("Volunteer organization")).to_be_visible()


async def test_scene_2_e_mail_and_organization(tmp_path: Path, chromium: Browser) -> None:
    folder, email = tmp_path / "house", f"bea-{secrets.token_hex(4)}@example.org"
    offset_seconds = until_tuesday_seconds(15)
    volunteer = await chromium.new_context(viewport=PHONE, locale="en-US")
    async with whole_house(
        folder, CLOCK_OFFSET_SECONDS=str(offset_seconds), DEMO_VOTERS="200"
    ) as demo:
        organizer = await organizer_of(demo)
        file = household_file(("Ann",), "Ferncastle", "814-555-0142")
        bank_id = await open_small_bank(demo, organizer, file, "Cameron County")
        await organizer.http.aclose()
        page = await volunteer.new_page()
        await page.goto(f"{demo.url}/call/{bank_id}?organization=dvc-palo-alto")
        await page.wait_for_url("**/log-in?next=*")
        await register(page, email)

        # A slip in the organization's name is met with the name it may have meant.
        await page.get_by_label("Volunteer organization").fill("dcv palo alto")
        await page.get_by_role("button", name="Continue").click()
        await expect(page.get_by_text("We do not know this organization")).to_be_visible()
        await look(page, "log-in-suggestion")
        await page.get_by_label("Volunteer organization").fill("dvc - palo alto")
        await page.get_by_role("button", name="Continue").click()
        await expect(page.get_by_text("Type the code from your mail")).to_be_visible()
        await look(page, "log-in-code")
        await page.get_by_label("Six-digit code").fill("12")
        await page.get_by_role("button", name="Start calling").click()
        await expect(page.get_by_role("alert").filter(has_text="code is not right")).to_be_visible()
        await page.get_by_label("Six-digit code").fill(await mailed(demo, email, CODE))
        await page.get_by_role("button", name="Start calling").click()
        # Straight to the voter.
        await expect(page.locator("[data-screen=call]")).to_be_visible()
        await expect(page.locator("[data-line]")).to_contain_text("Ann Ferncastle")
        await page.close()

    offset_seconds += A_DAY_LATER_SECONDS
    async with whole_house(
        folder, CLOCK_OFFSET_SECONDS=str(offset_seconds), DEMO_VOTERS="200"
    ) as demo:
        await next_day(demo, volunteer, bank_id)
    await volunteer.close()


async def next_day(demo: Elsewhere, volunteer: BrowserContext, bank_id: str) -> None:
    """The voter at once: no form, no code, no page in between."""
    page = await volunteer.new_page()
    visited: list[str] = []
    page.on("framenavigated", lambda frame: visited.append(frame.url))
    await page.goto(f"{demo.url}/call/{bank_id}?organization=dvc-palo-alto")
    await expect(page.locator("[data-screen=call]")).to_be_visible()
    await expect(page.locator("[data-line]")).to_contain_text("Ann Ferncastle")
    assert not [url for url in visited if "/log-in" in url]


async def log_in_by_mail(page: Page, demo: Elsewhere, email: str, path: str) -> str:
    """E-mail and organization, then the code; answers that."""
    await page.goto(f"{demo.url}/log-in?with=organization&next={path}")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Volunteer organization").fill("DVC Palo Alto")
    await page.get_by_role("button", name="Continue").click()
    code = await mailed(demo, email, CODE)
    await page.get_by_label("Six-digit code").fill(code)
    await page.get_by_role("button", name="Start calling").click()
    await page.wait_for_url(f"{demo.url}{path}")
    return code


@pytest.mark.parametrize("window", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_the_pages_of_the_doors(
    house: Elsewhere, chromium: Browser, window: ViewportSize
) -> None:
    context = await chromium.new_context(viewport=window, locale="en-US")
    page = await context.new_page()
    for name, path in (
        ("sign-up", "/sign-up"),
        ("register", "/register?next=/calls/dvc-palo-alto"),
        ("log-in", "/log-in?next=/calls/dvc-palo-alto"),
        ("log-in-by-mail", "/log-in?with=organization&next=/calls/dvc-palo-alto"),
        ("log-in-mailed", "/log-in/mail?token=nonsense"),
        ("forgot", "/forgot"),
        ("reset", "/reset?token=nonsense"),
        ("reset-broken", "/reset"),
        ("no-invitation", "/invitations/nobody"),
    ):
        await page.goto(f"{house.url}{path}")
        await expect(page.locator("h1:visible").first).to_be_visible()
        await look(page, name)
    # The Calls Page shows the doors that are open, and keeps where one was going.
    await page.goto(f"{house.url}/calls/dvc-palo-alto")
    await expect(page.get_by_role("link", name="Create an ActionID account")).to_be_visible()
    await look(page, "calls-page-doors")
    await page.get_by_role("link", name="Click here to Register").click()
    await page.wait_for_url("**/register?next=/calls/dvc-palo-alto")
    await context.close()


async def test_a_callers_own_page(house: Elsewhere, chromium: Browser) -> None:
    email = await registered(house)
    context = await chromium.new_context(viewport=PHONE, locale="en-US")
    page = await context.new_page()
    used = await log_in_by_mail(page, house, email, "/you")
    await expect(page.get_by_label("Spanish")).to_be_checked()
    await page.get_by_label("First name").fill("Beatrice")
    await page.get_by_label("Vietnamese").check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    # A first password needs the mailbox once more.
    form = page.locator("[data-password]")
    await form.get_by_role("button", name="Mail me a code").click()
    await expect(form.get_by_text("It is on its way.")).to_be_visible()
    await look(page, "you-first-password")
    await form.get_by_label("A code by mail").fill(await mailed(house, email, CODE, but=used))
    await form.get_by_label("New password").fill(PASSWORD)
    await form.get_by_role("button", name="Keep this password").click()
    await expect(page.get_by_text("Your new password is set")).to_be_visible()
    await page.reload()
    await expect(page.locator(".site-caller")).to_have_text("Beatrice")
    await expect(page.get_by_label("Vietnamese")).to_be_checked()
    await page.get_by_text("Erase my account", exact=True).click()
    for window in (PHONE, DESKTOP):
        await page.set_viewport_size(window)
        await look(page, "you")
    await page.get_by_label("Your password, once more").fill(PASSWORD)
    await page.get_by_role("button", name="Erase my account for good").click()
    await page.wait_for_url(f"{house.url}/")
    await expect(page.locator(".site-caller")).to_have_count(0)
    await context.close()


async def test_a_friends_link_and_a_forgotten_password(house: Elsewhere, chromium: Browser) -> None:
    email = await registered(house)
    context = await chromium.new_context(viewport=PHONE, locale="en-US")
    page = await context.new_page()
    await log_in_by_mail(page, house, email, "/you")
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name="Invite a friend").press("Enter")
    await expect(page.locator("[data-toast]")).to_contain_text("The link is copied")
    link = await page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(rf"{house.url}/invitations/\w+", link)
    await context.clear_cookies()
    for window in (DESKTOP, PHONE):
        await page.set_viewport_size(window)
        await page.goto(link)
        await expect(page.get_by_role("heading", name=re.compile("DVC"))).to_be_visible()
        await look(page, "invitation")

    await page.goto(f"{house.url}/forgot")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("button", name="Send me a link").click()
    await expect(page.get_by_text("Look in your mailbox")).to_be_visible()
    link = await mailed(house, email, r"(https?://\S+/reset\?token=\S+)")
    await page.goto(link.replace("localhost", "127.0.0.1"))
    assert "token" not in page.url
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_role("button", name="Keep this password").click()
    await page.get_by_role("link", name="Log in", exact=True).last.click()
    await page.wait_for_url("**/log-in*")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.locator(".site-caller")).to_have_text("Bea")
    await context.close()


async def test_whoever_comes_through_a_shared_link_is_credited(
    house: Elsewhere, volunteer: BrowserContext, elsewhere: BrowserContext
) -> None:
    bank_id, calls_page = await practice_bank(house), "/calls/dvc-palo-alto"
    page, friends_page = await volunteer.new_page(), await elsewhere.new_page()
    for each in (page, friends_page):
        await each.add_init_script(SHARE_SHEET)
    await log_in_by_mail(page, house, await registered(house), calls_page)
    link = await shared(page, bank_id)
    assert re.fullmatch(rf"{house.url}/invitations/\w+", link)
    assert await shared(page, bank_id) == link
    # For whoever is not logged in, and without a connection, it is the plain link.
    plain = f"{house.url}/call/{bank_id}?organization=dvc-palo-alto"
    await friends_page.goto(house.url + calls_page)
    assert await shared(friends_page, bank_id) == plain
    await page.reload()
    await volunteer.set_offline(True)
    assert await shared(page, bank_id) == plain
    await volunteer.set_offline(False)

    email = f"fay-{secrets.token_hex(4)}@example.org"
    await friends_page.goto(link)
    await friends_page.get_by_role("link", name="Register without a password").click()
    await friends_page.wait_for_url("**/register?**")
    await friends_page.get_by_label("First name").fill("Fay")
    await friends_page.get_by_label("Last name").fill("Finch")
    await friends_page.get_by_label("E-mail address").fill(email)
    await friends_page.get_by_role("button", name="Confirm Registration").click()
    await friends_page.wait_for_url("**/log-in?with=organization**")
    await friends_page.get_by_label("Volunteer organization").fill("DVC Palo Alto")
    await friends_page.get_by_role("button", name="Continue").click()
    await friends_page.get_by_label("Six-digit code").fill(await mailed(house, email, CODE))
    await friends_page.get_by_role("button", name="Start calling").click()
    await friends_page.wait_for_url(f"**/call/{bank_id}?*")
    await expect(friends_page.locator("[data-screen=call]")).to_be_visible()
    ids = [await each.locator("body").get_attribute("data-caller") for each in (page, friends_page)]
    fact = await accepted(house, link.rpartition("/")[2])
    assert [fact["invited_by"], fact["caller_id"], fact["bank_id"]] == [*ids, bank_id]


async def shared(page: Page, bank_id: str) -> str:
    """What the Share button of this phone bank hands to the browser."""
    await page.evaluate("window.shared = null")
    await page.locator(f'[data-share^="/call/{bank_id}"]').click()

    async def told() -> str | None:
        return await page.evaluate("window.shared && window.shared.url")  # type: ignore[no-any-return]

    return str(await eventually(told, deadline_seconds=15, saying="a link to be shared"))


async def accepted(house: Elsewhere, invitation_id: str) -> dict[str, Any]:
    """The fact that somebody came through this invitation, as identity published it."""

    async def found() -> dict[str, Any] | None:
        records = await read_topic(house.addresses["Kafka"], "identity.events")
        facts = [
            json.loads(record.value or b"{}")
            for record in records
            if dict(record.headers).get(TYPE) == b"identity.invitation-accepted"
        ]
        return next((each for each in facts if each["invitation_id"] == invitation_id), None)

    fact = await eventually(found, deadline_seconds=20, saying="the friend to be credited")
    assert fact is not None
    return fact


async def registered(house: Elsewhere) -> str:
    """The address of somebody who registered at the Bluevote door."""
    email = f"bea-{secrets.token_hex(4)}@example.org"
    body = {"email": email, "first_name": "Bea", "languages": ["es"], "phone": "+49 30 901820"}
    async with httpx.AsyncClient(base_url=house.url) as http:
        headers = {"idempotency-key": email}
        answer = await http.post("/identity/registrations", json=body, headers=headers)
    assert answer.status_code == httpx.codes.CREATED
    return email
