"""A slip is put right over a whole demo: queue, lists, figures and pages follow, by Kafka."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from bench.callers import sign_up
from deploy.embedded.elsewhere import Elsewhere
from tests.journeys.small_bank import (
    Organizer,
    campaign_of,
    client_of,
    household_file,
    open_small_bank,
    organizer_of,
    unshared_number,
)
from tests.journeys.test_pages import WINDOWS, look
from tests.support.backing import eventually

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]


@dataclass(frozen=True)
class Called:
    """Ann and Bob on one line, as a caller recorded them: Ann deceased, Bob a strong supporter."""

    organizer: Organizer
    caller: Organizer
    campaign_id: str
    bank_id: str
    call_id: str
    ann: str
    bob: str

    async def status(self, voter_id: str) -> dict[str, Any]:
        path = f"/gotv/voters/{voter_id}/status?campaign_id={self.campaign_id}"
        return await self.organizer.send("GET", path)

    async def supporters(self) -> set[str]:
        path = f"/gotv/campaigns/{self.campaign_id}/supporters?limit=500"
        return {each["voter_id"] for each in (await self.organizer.send("GET", path))["items"]}

    async def correct(self, who: Organizer, **said: Any) -> dict[str, Any]:
        return await who.send("POST", f"/results/calls/{self.call_id}/corrections", json=said)


@pytest_asyncio.fixture(loop_scope="session")
async def called(house: Elsewhere) -> AsyncIterator[Called]:
    """One call to a household of its own."""
    organizer = await organizer_of(house)
    number = unshared_number()
    file = household_file(("Ann", "Bob"), f"Slip{number[-2:]}", number)
    campaign_id = await campaign_of(house, organizer)
    bank_id = await open_small_bank(house, organizer, file, "Slips")
    account = (await sign_up(house.url, house.mail_url, 1))[0]
    caller = client_of(house, account.token)

    async def handed_out() -> dict[str, Any]:
        path = f"/queue/phone-banks/{bank_id}/assignments"
        answer = await caller.http.post(path, json={}, headers={"idempotency-key": "next"})
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    assigned = await eventually(handed_out, deadline_seconds=30, saying="a voter is handed out")
    names = {voter["first_name"]: voter["voter_id"] for voter in assigned["voters"]}
    ann, bob = names["Ann"], names["Bob"]
    results = [
        {"voter_id": ann, "disposition": "deceased", "answers": {}, "hearsay": "She passed away"},
        {
            "voter_id": bob,
            "disposition": "canvassed",
            "answers": {"support": 1, "volunteer": True, "issue": "roads"},
        },
    ]
    said = await caller.send(
        "POST",
        "/results/calls",
        json={"ticket": assigned["ticket"], "spoke_with": bob, "results": results},
    )
    yield Called(organizer, caller, campaign_id, bank_id, said["call_id"], ann, bob)
    await organizer.http.aclose()
    await caller.http.aclose()


async def test_everything_follows_a_correction(called: Called) -> None:
    async def recorded() -> bool:
        ann, bob = await called.status(called.ann), await called.status(called.bob)
        assert ann["suppressed"] == ["deceased"], ann
        assert bob["is_supporter"], bob
        assert bob["volunteer"]["says"]
        return called.bob in await called.supporters()

    await eventually(recorded, deadline_seconds=30, saying="the call is on lists and in status")

    # The caller undoes the slip on Ann; a lead puts right what Bob said.
    home = {"voter_id": called.ann, "disposition": "not_home", "spoke_with": called.bob}
    await called.correct(called.caller, **home)
    against = {"voter_id": called.bob, "disposition": "refused", "spoke_with": called.bob}
    await called.correct(called.organizer, answers={"support": 5, "issue": "roads"}, **against)

    async def followed() -> bool:
        ann, bob = await called.status(called.ann), await called.status(called.bob)
        assert (ann["suppressed"], ann["callable"]) == ([], True), ann
        assert [told["counts"] for told in ann["history"]] == [True, False]
        assert (bob["is_supporter"], bob["support"]["level"]) == (False, 5), bob
        assert (bob["volunteer"], bob["suppressed"]) == (None, ["refused"])
        assert called.bob not in await called.supporters()
        return True

    await eventually(followed, deadline_seconds=30, saying="lists and status follow")

    async def counted() -> bool:
        path = f"/results/phone-banks/{called.bank_id}/tallies"
        tallies = await called.organizer.send("GET", path)
        assert (tallies["calls"], tallies["attempts"]) == (2, 1), tallies
        assert tallies["by_disposition"] == {"not_home": 1, "refused": 1}, tallies
        assert tallies["by_answer"] == {"issue": {"roads": 1}, "support": {"5": 1}}, tallies
        path = f"/gotv/phone-banks/{called.bank_id}/dashboard"
        figures = await called.organizer.send("GET", path)
        assert (figures["volunteers"], figures["support"]["5"]) == (0, 1), figures
        return True

    await eventually(counted, deadline_seconds=30, saying="the figures follow")
    path = f"/results/campaigns/{called.campaign_id}/calls?bank={called.bank_id}&corrected=true"

    async def listed() -> bool:
        calls = (await called.organizer.send("GET", path))["items"]
        by = {call["voter_id"]: call["corrected"]["by"] for call in calls}
        assert by == {called.ann: "caller", called.bob: "lead"}, calls
        return True

    await eventually(listed, deadline_seconds=30, saying="both corrections are listed")


async def put_ann_right(page: Page) -> None:
    """Nobody said that she passed away: she was not home."""
    # The form is filled with what was recorded, words included.
    await expect(page.get_by_label("Deceased")).to_be_checked()
    await expect(page.get_by_label("What did they say")).to_have_value("She passed away")
    await look(page, "correction")
    await page.get_by_role("button", name="Save the correction").click()
    await expect(page.get_by_text("Nothing was changed.")).to_be_visible()
    await expect(page.get_by_text("Put right.")).to_be_hidden()
    await page.get_by_label("Not home").check()
    await page.get_by_label("What did they say").fill("")
    await page.get_by_role("button", name="Save the correction").click()
    await expect(page.get_by_text("Put right.")).to_be_visible()
    await expect(page.locator("[data-told]")).to_contain_text("Not home")
    await look(page, "correction-saved")


async def put_bob_right(page: Page) -> None:
    """He is undecided. His answers are in place, as this version of the script asked for them."""
    await expect(page.get_by_label("Surely Ida Marlowe")).to_be_checked()
    await expect(page.get_by_label("Roads and transit")).to_be_checked()
    await look(page, "correction-answers")
    await page.get_by_label("Undecided").check()
    # What the server asks for is said at the field.
    await page.get_by_label("Call back at").check()
    await page.get_by_role("button", name="Save the correction").click()
    await expect(page.get_by_text("When shall we call back?").first).to_be_visible()
    await look(page, "correction-missing")
    await page.get_by_label("Talked to the voter").check()
    await page.get_by_role("button", name="Save the correction").click()
    await expect(page.get_by_text("Put right.")).to_be_visible()


@pytest.mark.parametrize("window", WINDOWS)
async def test_a_lead_finds_a_call_and_puts_it_right(
    house: Elsewhere, chromium: Browser, called: Called, window: ViewportSize
) -> None:
    context = await chromium.new_context(viewport=window, locale="en-US")
    page = await context.new_page()
    path = f"/campaigns/{called.campaign_id}/calls"
    email, password = house.accounts["Organizer"]
    account = {"email": email, "password": password}
    await context.request.post(f"{house.url}/identity/sessions", data=account)
    await page.goto(f"{house.url}{path}")
    await page.get_by_label("Phone bank").select_option(called.bank_id)
    ann = page.locator(f"tr[data-voter='{called.ann}']")

    async def is_listed() -> bool:
        await page.reload()
        await expect(page.locator("[data-loading]")).to_be_hidden()
        return await ann.count() == 1

    await eventually(is_listed, deadline_seconds=30, saying="the call is listed")
    await expect(ann).to_contain_text("Deceased")
    await expect(page.locator("tbody tr")).to_have_count(2)
    await look(page, "calls")
    await page.get_by_label("Ended as").select_option("busy")
    await expect(page.get_by_text("No such call")).to_be_visible()
    await look(page, "calls-none")
    await page.get_by_label("Ended as").select_option("")

    await ann.get_by_role("link", name="Correct").click()
    await put_ann_right(page)
    await page.get_by_role("link", name="Bob").click()
    await put_bob_right(page)

    async def followed() -> bool:
        bob, ann = await called.status(called.bob), await called.status(called.ann)
        assert (bob["support"]["level"], bob["is_supporter"]) == (3, False), bob
        assert bob["volunteer"]["says"]
        return bool(ann["callable"])

    await eventually(followed, deadline_seconds=30, saying="the voter's status follows")
    await page.goto(f"{house.url}{path}/no-such-call")
    await expect(page.get_by_role("alert").filter(has_text="not known")).to_be_visible()
    await look(page, "correction-unknown")
    await context.close()
