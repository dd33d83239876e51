"""The app of results over a log in memory, with tickets, tokens and a vault that stands in."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from libs.chassis.tickets import TICKET_LIFE, Ticket, TicketOffice
from libs.chassis.tokens import Grant, Principal, Tokens
from libs.database import Database
from libs.events.base import Event
from libs.eventstore.memory import MemoryLog
from services.results.app import create_app
from services.results.settings import ResultsSettings
from services.results.texts import Texts
from tests.results.moments import EVENING, Clock
from tests.results.vault import SERVICE_KEY, StandInVault

TOKEN_KEY = "token-key-of-the-tests-0123456789ab"  # noqa: S105 - of tests only.
TICKET_KEY = "ticket-key-of-the-tests-0123456789a"


def bearer(caller_id: str = "casper", *grants: Grant, organization_id: str = "o1") -> str:
    """The header of somebody who is logged in."""
    principal = Principal(
        caller_id=caller_id,
        session_id=f"s-{caller_id}",
        expires_at=EVENING + timedelta(days=60),
        issued_at=EVENING,
        grants=grants,
        organization_id=organization_id,
    )
    return f"Bearer {Tokens(TOKEN_KEY).sign(principal)}"


def ticket(**changed: Any) -> Ticket:
    """Ann and Bob on one line, handed to Casper as the evening begins."""
    told: dict[str, Any] = {
        "caller_id": "casper",
        "campaign_id": "c1",
        "bank_id": "b1",
        "assignment_id": "a1",
        "line_id": "l1",
        "line_version": 1,
        "voter_ids": ("ann", "bob"),
        "script_version": 3,
        "slot": 7,
        "organization_id": "o1",
        "support_question": "support",
        "volunteer_question": "volunteer",
        "expires_at": EVENING + TICKET_LIFE,
    }
    return Ticket(**(told | changed))


@dataclass
class Results:
    """The running app, and what a test may look at or break."""

    http: httpx.AsyncClient
    log: MemoryLog
    vault: StandInVault
    clock: Clock
    office: TicketOffice = field(default_factory=lambda: TicketOffice(TICKET_KEY))

    async def record(
        self, *results: dict[str, Any], spoke_with: str = "nobody", **changed: Any
    ) -> httpx.Response:
        """POST a call; `ticket`, `key`, `caller`, `device_time` may be given."""
        paper = changed.pop("ticket", None) or ticket()
        caller = changed.pop("caller", "casper")
        headers = {"authorization": bearer(caller)}
        if key := changed.pop("key", None):
            headers["idempotency-key"] = key
        signed = paper if isinstance(paper, str) else self.office.sign(paper)
        body = {"ticket": signed, "spoke_with": spoke_with, "results": list(results)} | changed
        return await self.http.post("/results/calls", json=body, headers=headers)

    async def correct(self, call_id: str, *grants: Grant, **said: Any) -> httpx.Response:
        """POST a correction; `caller` and `key` may be given, Casper's own by default."""
        caller = said.pop("caller", "casper")
        headers = {"authorization": bearer(caller, *grants)}
        if key := said.pop("key", "k1"):
            headers["idempotency-key"] = key
        path = f"/results/calls/{call_id}/corrections"
        return await self.http.post(path, json=said, headers=headers)

    async def get(self, path: str, *grants: Grant, caller: str = "lea") -> httpx.Response:
        """As Lea with these grants, or as somebody else."""
        return await self.http.get(path, headers={"authorization": bearer(caller, *grants)})

    def facts(self) -> list[Event]:
        """Everything recorded, in order."""
        return [fact for commit in self.log.commits.values() for fact in commit.facts]


@contextlib.asynccontextmanager
async def results_app(database: Database | None = None) -> AsyncIterator[Results]:
    """The app, open."""
    settings = ResultsSettings(
        phonebank_env="test",
        mongodb_url="mongodb://nowhere.test",
        kafka_bootstrap="nowhere.test:1",
        token_key=TOKEN_KEY,
        service_key=SERVICE_KEY,
        ticket_key=TICKET_KEY,
    )
    log, vault, clock = MemoryLog("results.events"), StandInVault(), Clock()
    app = create_app(settings, log=log, database=database, now=clock)
    async with app.router.lifespan_context(app):
        await app.state.vault.aclose()
        app.state.vault = vault.client("results")
        app.state.texts = Texts(app.state.vault, TICKET_KEY)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://phonebank.test") as http:
            yield Results(http, log, vault, clock)
