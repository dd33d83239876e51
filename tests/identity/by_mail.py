"""What a volunteer of the Bluevote door does: registers, asks for a code, types it."""

import re
from typing import Any

import httpx

from tests.identity.house import Browser, House, text_of

BEA = "bea@example.org"
DVC = "dvc - palo alto"


async def register(browser: Browser, email: str = BEA, **more: Any) -> httpx.Response:
    body = {"email": email, "first_name": "Bea", "last_name": "Example"}
    return await browser.post("/identity/registrations", body | more)


async def ask_code(browser: Browser, email: str = BEA, **more: Any) -> httpx.Response:
    body = {"email": email, "organization": DVC}
    return await browser.post("/identity/session-codes", body | more)


async def log_in(browser: Browser, email: str = BEA, **more: Any) -> httpx.Response:
    body = {"email": email, "organization": DVC}
    return await browser.post("/identity/sessions", body | more)


async def code_for(house: House, email: str = BEA) -> str:
    """The code in the latest mail."""
    found = re.search(r"^(\d{6})$", text_of((await house.mail(email))[-1]), re.MULTILINE)
    assert found, text_of(house.sent[-1])
    return found.group(1)


async def link_for(house: House, email: str = BEA) -> str:
    """The token of the log-in link in the latest mail."""
    found = re.search(r"/log-in/mail\?token=(\S+)", text_of((await house.mail(email))[-1]))
    assert found
    return found.group(1)


async def registered(house: House) -> Browser:
    """Bea's browser, a code on its way."""
    browser = await house.browser()
    assert (await register(browser)).status_code == 201
    assert (await ask_code(browser)).status_code == 202
    return browser


async def known_copy(house: House, browser: Browser) -> Browser:
    """The same browser, its session over."""
    copy = await house.browser()
    copy.client.cookies.set("__Host-device", browser.client.cookies["__Host-device"])
    return copy


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"
