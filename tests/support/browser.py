"""A real Chromium for the scenes: Debian's own, without a word to the network."""

import contextlib
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from deploy.embedded.elsewhere import Elsewhere
from tests.support.backing import eventually

_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_AXE = Path(__file__).parent / "axe" / "axe.min.js"
PHONE = ViewportSize(width=360, height=740)
DESKTOP = ViewportSize(width=1280, height=900)
PAGE_MS_MAX = 15_000

expect.set_options(timeout=PAGE_MS_MAX)


def chromium_path() -> str:
    """CHROMIUM, or the one on the PATH."""
    named = os.environ.get("CHROMIUM") or shutil.which("chromium")
    found = named or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.fail("Chromium is missing; `make test` installs it, or name one with CHROMIUM")
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for the session; tests open contexts of their own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(), args=list(_QUIET)
        )
        yield browser
        await browser.close()


async def faults_found_by_axe(page: Page) -> list[str]:
    """What axe finds on the page as it stands, one line a rule."""
    # The page's own policy lets no foreign script in, so the driver evaluates it.
    await page.evaluate(_AXE.read_text(encoding="utf-8"))
    return _told(await page.evaluate("async () => (await axe.run()).violations"))


async def faults_of_contrast(page: Page) -> list[str]:
    """What axe, which has looked at the page before, finds hard to read on it now."""
    return _told(
        await page.evaluate(
            "async () => (await axe.run({ runOnly: ['color-contrast'] })).violations"
        )
    )


@contextlib.asynccontextmanager
async def in_the_dark(page: Page) -> AsyncIterator[None]:
    """The page as it is for who prefers dark colours, at once and without motion."""
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    yield
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await page.emulate_media(reduced_motion="no-preference")


def _told(found: list[dict[str, Any]]) -> list[str]:
    return [
        f"{rule['id']}: {rule['help']} ({', '.join(str(n['target']) for n in rule['nodes'][:3])})"
        for rule in found
    ]


async def is_wider_than_its_window(page: Page) -> bool:
    """Whether one has to scroll sideways."""
    wide: bool = await page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return wide


async def mailed_link(demo: Elsewhere, email: str) -> str:
    """The confirmation link in the newest mail to this address."""

    async def found() -> str | None:
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"{demo.mail_url}/messages", params={"to": email})
        for message in answer.json():
            if match := re.search(r"https?://\S+/confirm\?\S+", message["text"]):
                return match.group(0)
        return None

    link = await eventually(found, deadline_seconds=20, saying=f"a mail to {email}")
    assert link is not None
    return link
