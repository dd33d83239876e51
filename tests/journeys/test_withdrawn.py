"""A voter on an open screen is taken off it within five seconds of what was recorded elsewhere."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect

from bench.callers import sign_up
from deploy.embedded.elsewhere import Elsewhere
from tests.journeys.scenes import call_screen, until_tuesday_seconds
from tests.journeys.small_bank import Organizer, client_of, organizer_of
from tests.journeys.test_pages import look
from tests.journeys.van_bank import HILO, LOUISVILLE, PADUCAH, Listed, Place, open_bank
from tests.support.backing import eventually
from tests.support.whole_house import whole_house

pytestmark = [pytest.mark.browser, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

WITHDRAWN_MS_MAX = 5_000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def afternoon(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Elsewhere]:
    """A demo on a Tuesday afternoon. Each test calls a county of its own."""
    folder = tmp_path_factory.mktemp("afternoon")
    offset = str(until_tuesday_seconds(15))
    async with whole_house(folder, CLOCK_OFFSET_SECONDS=offset, DEMO_VOTERS="50") as demo:
        yield demo


async def take(api: Organizer, bank_id: str) -> dict[str, Any]:
    """The next voter, as soon as there is one."""

    async def taken() -> dict[str, Any] | None:
        answer = await api.http.post(
            f"/queue/phone-banks/{bank_id}/assignments",
            json={},
            headers={"idempotency-key": secrets.token_hex(8)},
        )
        found: dict[str, Any] | None = answer.json() if answer.is_success else None
        return found

    found = await eventually(taken, saying="a voter is handed out")
    assert found is not None
    return found


async def record(api: Organizer, assignment: dict[str, Any], disposition: str) -> str:
    """The call ended like this for everybody on the line; answers the call's id."""
    voters = [voter["voter_id"] for voter in assignment["voters"]]
    results = [{"voter_id": voter, "disposition": disposition, "answers": {}} for voter in voters]
    body = {"ticket": assignment["ticket"], "spoke_with": "other", "results": results}
    recorded = await api.send("POST", "/results/calls", json=body)
    call_id: str = recorded["call_id"]
    return call_id


@pytest.mark.parametrize(
    ("place", "disposition", "said"),
    [
        (LOUISVILLE, "do_not_call", "asked never to be called again"),
        (PADUCAH, "deceased", "was reported as deceased"),
    ],
    ids=["do-not-call", "deceased"],
)
async def test_a_late_result_takes_the_voter_off_another_screen(
    afternoon: Elsewhere, volunteer: BrowserContext, place: Place, disposition: str, said: str
) -> None:
    """The first caller's phone was in a train: the line went out again before the result came."""
    organizer = await organizer_of(afternoon)
    voter = Listed("Lea", "Latecome", f"502-555-01{len(disposition):02d}", place=place)
    bank_id = await open_bank(afternoon, organizer, [voter], place.county)
    first, second = await sign_up(afternoon.url, afternoon.mail_url, 2)
    api = client_of(afternoon, first.token)
    before = await take(api, bank_id)
    await api.send("DELETE", f"/queue/assignments/{before['assignment_id']}?reason=left")

    page = await call_screen(volunteer, afternoon, bank_id, second.email)
    await expect(page.locator("[data-connection]")).to_have_attribute("data-state", "live")
    await record(api, before, disposition)
    await expect(page.locator("[data-withdrawn]")).to_contain_text(said, timeout=WITHDRAWN_MS_MAX)
    await look(page, f"call-withdrawn-{disposition}")
    await api.http.aclose()
    await organizer.http.aclose()


async def test_a_leads_correction_takes_the_voter_off_another_screen(
    afternoon: Elsewhere, volunteer: BrowserContext
) -> None:
    """Ann has two numbers; what was said on the first is put right while the second is called."""
    organizer = await organizer_of(afternoon)
    ann = Listed("Ann", "Ferncastle", "814-555-0142", "814-555-0143")
    bank_id = await open_bank(afternoon, organizer, [ann], "Cameron County")
    first, second = await sign_up(afternoon.url, afternoon.mail_url, 2)
    api = client_of(afternoon, first.token)
    before = await take(api, bank_id)
    call_id = await record(api, before, "wrong_number")

    page = await call_screen(volunteer, afternoon, bank_id, second.email)
    await expect(page.locator("[data-connection]")).to_have_attribute("data-state", "live")
    number = page.locator("[data-number]").first
    assert await number.get_attribute("data-number") != before["line"]["e164"]
    (voter,) = before["voters"]
    correction = {
        "voter_id": voter["voter_id"],
        "spoke_with": voter["voter_id"],
        "disposition": "do_not_call",
        "answers": {},
    }
    await organizer.send("POST", f"/results/calls/{call_id}/corrections", json=correction)
    await expect(page.locator("[data-withdrawn]")).to_contain_text(
        "Ann Ferncastle asked never to be called again", timeout=WITHDRAWN_MS_MAX
    )
    await page.get_by_role("button", name="Skip to the next voter").click()
    await expect(page.locator("[data-screen=stop]")).to_be_visible()
    await api.http.aclose()
    await organizer.http.aclose()


async def test_after_a_wrong_number_the_caller_tries_the_other_one_at_once(
    afternoon: Elsewhere, volunteer: BrowserContext
) -> None:
    organizer = await organizer_of(afternoon)
    two = Listed("Ann", "Hilolani", "808-555-0142", "808-555-0143", place=HILO)
    others = [Listed(f"Bob{n}", "Hilolani", f"808-555-016{n}", place=HILO) for n in range(3)]
    bank_id = await open_bank(afternoon, organizer, [two, *others], "Hawaii")
    caller = (await sign_up(afternoon.url, afternoon.mail_url, 1))[0]
    page = await call_screen(volunteer, afternoon, bank_id, caller.email)
    heading = page.locator("#call-heading")
    button = page.get_by_role("button", name="Save, try their other number")
    while (shown := await heading.inner_text()) != two.name:
        await expect(button).to_be_hidden()
        await page.get_by_role("button", name="Skip").click()
        await page.get_by_role("button", name="Not now").click()
        await expect(heading).not_to_have_text(shown)
    first = await page.locator("[data-number]").first.get_attribute("data-number")
    await expect(button).to_be_hidden()
    await page.locator("[data-household=wrong_number]").click()
    await button.click()
    await expect(page.locator(f'[data-number="{first}"]')).to_have_count(0)
    await expect(heading).to_have_text(two.name)
    await expect(page.locator("[data-saved]")).to_contain_text("Saved: Wrong number for Ann")
    await organizer.http.aclose()
