"""How many mails one network may ask for, whoever they are to: a hall's worth, and no flood."""

import pytest
from limits import RateLimitItemPerMinute

from libs.chassis.problems import TooMany
from services.identity import attempts
from services.identity.attempts import MAILS_FROM_ONE_NETWORK, MAILS_TO_ONE_ADDRESS, Attempts
from tests.identity.by_mail import ask_code, register
from tests.identity.house import Browser, House
from tests.identity.test_founding import fold_views

HALL = "192.0.2.7"


def test_a_hall_of_hundreds_is_mailed_and_a_flood_is_not() -> None:
    counted = Attempts()
    for number in range(MAILS_FROM_ONE_NETWORK.amount):
        counted.check_mail(f"address {number}", HALL)
    with pytest.raises(TooMany, match="your network"):
        counted.check_mail("one more", HALL)
    counted.check_mail("one more", "198.51.100.7")
    assert MAILS_FROM_ONE_NETWORK.amount == 600
    assert MAILS_FROM_ONE_NETWORK.get_expiry() == 15 * 60


def test_what_a_network_may_not_ask_for_is_not_counted_to_the_address() -> None:
    counted = Attempts()
    for number in range(MAILS_FROM_ONE_NETWORK.amount):
        counted.check_mail(f"address {number}", HALL)
    for _ in range(2 * MAILS_TO_ONE_ADDRESS.amount):
        with pytest.raises(TooMany):
            counted.check_mail("ann", HALL)
    counted.check_mail("ann", "198.51.100.7")


async def test_every_way_to_be_mailed_counts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.organizer()
    await fold_views(house)
    ann = await house.caller("ann@example.org")
    few = RateLimitItemPerMinute(5, 15, namespace="mails-from-network")
    monkeypatch.setattr(attempts, "MAILS_FROM_ONE_NETWORK", few)
    resend = "/identity/confirmations/resend"

    async def ask_all(browser: Browser, who: str) -> list[int]:
        email = {"email": f"{who}@example.org"}
        answers = [
            await browser.sign_up(f"{who}-1@example.org"),
            await register(browser, f"{who}-2@example.org"),
            await ask_code(browser, f"{who}-3@example.org"),
            await browser.post("/identity/password-resets", email),
            await browser.post(resend, email),
        ]
        return [answer.status_code for answer in answers]

    visitor = await house.browser()
    assert await ask_all(visitor, "first") == [201, 201, 202, 202, 202]
    assert await ask_all(visitor, "second") == [429] * 5
    assert (await ann.post("/identity/callers/current/codes", {})).status_code == 429
    refused = await visitor.post(resend, {"email": "third@example.org"})
    assert "your network" in refused.json()["detail"]
    assert int(refused.headers["retry-after"]) > 0
    elsewhere = await house.browser(host="198.51.100.7")
    assert await ask_all(elsewhere, "fourth") == [201, 201, 202, 202, 202]
