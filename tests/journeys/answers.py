"""What becomes of a page's questions in the background: held back, failing, refused, or real."""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Literal

from playwright.async_api import BrowserContext, Route

WAIT = "Please wait a moment, then try again."
NOT_ANY_MORE = "This needs a permission that you no longer have."


@dataclass
class Answers:
    """What becomes of the requests to addresses of a pattern; `asked` are those that came."""

    mode: Literal["pass", "hold", "fail", "refuse", "cut"] = "pass"
    asked: list[str] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, context: BrowserContext, pattern: str) -> None:
        """Stand between the pages of this browser and the house; the pages themselves pass."""
        await context.route(re.compile(pattern), self._answer)

    def hold(self) -> None:
        """Keep every request from now on, until `release`."""
        self.mode, self.released = "hold", asyncio.Event()

    def release(self, mode: Literal["pass", "fail"] = "pass") -> None:
        """Let those go that were held; the next are answered as `mode` says."""
        self.mode = mode
        self.released.set()

    async def _answer(self, route: Route) -> None:
        if route.request.resource_type == "document":
            await route.continue_()
            return
        self.asked.append(route.request.url)
        match self.mode:
            case "fail":
                await route.fulfill(status=503, json={"detail": WAIT})
            case "refuse":
                await route.fulfill(status=403, json={"detail": NOT_ANY_MORE})
            case "cut":
                await route.abort()
            case "hold":
                await self.released.wait()
                await route.continue_()
            case "pass":
                await route.continue_()
