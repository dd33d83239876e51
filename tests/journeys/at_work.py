"""An organizer's campaign with a volunteer at work in it, as journeys of an organizer see it."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from playwright.async_api import BrowserContext, Page

from bench.callers import PASSWORD
from deploy.embedded.elsewhere import Elsewhere
from tests.journeys.scenes import page_of


@dataclass
class Volunteer:
    """Somebody who calls through the practice bank, one household after the other."""

    http: httpx.AsyncClient
    bank_id: str
    email: str
    receipt: dict[str, str] = field(default_factory=dict)

    async def take(self) -> dict[str, Any]:
        """The next household, handed out to this volunteer."""
        return await self.post(f"/queue/phone-banks/{self.bank_id}/assignments", self.receipt)

    async def call(self, **said: Any) -> list[dict[str, Any]]:
        """A call in which the first voter speaks and says this; answers the line's voters."""
        assignment = await self.take()
        voters: list[dict[str, Any]] = assignment["voters"]
        results = [
            {"voter_id": voter["voter_id"], "disposition": "not_home", "answers": {}}
            for voter in voters
        ]
        spoke_with = said.pop("spoke_with", voters[0]["voter_id"])
        results[0] |= said
        answer = await self.post(
            "/results/calls",
            {
                "ticket": assignment["ticket"],
                "spoke_with": spoke_with,
                "results": results,
                "device_time": datetime.now(UTC).isoformat(),
            },
        )
        self.receipt = {"receipt": answer["receipt"]}
        return voters

    async def fill_every_list(self) -> None:
        """Calls after which somebody is on each of the lists."""
        soon = (datetime.now(UTC) + timedelta(hours=3)).isoformat()
        for level in (1, 3, 5):
            answers = {"support": level, "volunteer": level == 1}
            promise = {"at": soon, "question": "Which schools?"} if level == 3 else None
            told = {"disposition": "canvassed", "answers": answers}
            await self.call(**told, **({"promise": promise} if promise else {}))
        await self.call(
            spoke_with="other", disposition="not_home", hearsay="Works nights, they say."
        )

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the house answers; nothing but success will do."""
        answer = await self.http.post(
            path, json=body, headers={"idempotency-key": secrets.token_hex(8)}
        )
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found


@dataclass
class Room:
    """The organizer's campaign, its practice bank, and a volunteer at work in it."""

    demo: Elsewhere
    campaign_id: str
    bank_id: str
    volunteer: Volunteer
    organizer: tuple[str, str]

    @property
    def overview(self) -> str:
        """The address of the campaign's own page."""
        return f"/campaigns/{self.campaign_id}"

    async def open(self, context: BrowserContext, path: str) -> Page:
        """A page of the organizer's, logged in."""
        return await page_of(context, self.demo, path, *self.organizer)

    async def volunteer_opens(self, context: BrowserContext, path: str) -> Page:
        """A page as the volunteer sees it, logged in."""
        return await page_of(context, self.demo, path, self.volunteer.email, PASSWORD)
