"""Browsers of their own for the people in the scenes."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext

from tests.support.browser import DESKTOP, PHONE


@pytest_asyncio.fixture(loop_scope="session")
async def volunteer(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A volunteer's phone."""
    context = await chromium.new_context(viewport=PHONE, locale="en-US")
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """Another browser that knows nothing of the first."""
    context = await chromium.new_context(viewport=DESKTOP, locale="en-US")
    yield context
    await context.close()
