"""The app of gotv over a real database, with tokens and a vault that stands in."""

import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from libs.chassis.tokens import Grant
from libs.database import Database
from libs.events.base import Event
from libs.events.identity import CampaignCreated
from libs.events.queue import PhoneBankCreated
from libs.events.voters import UniverseEntered, VoterImported
from libs.eventstore.memory import MemoryLog
from libs.hours import DEFAULT_HOURS
from libs.views.parking import Parking
from libs.views.runner import ViewRunner
from services.gotv.app import create_app
from services.gotv.settings import GotvSettings
from services.gotv.worker import VIEWS
from tests.results.facts import recorded
from tests.results.moments import EVENING, Clock
from tests.results.opened import TOKEN_KEY, bearer
from tests.results.vault import SERVICE_KEY, StandInVault

ORGANIZER = Grant("organizer", campaign_id="c1")
ADMIN = Grant("campaign_admin", campaign_id="c1")


def bank_created(**changed: Any) -> PhoneBankCreated:
    told: dict[str, Any] = {
        "campaign_id": "c1",
        "bank_id": "b1",
        "name": "Evening calls",
        "candidate": "Ida Marlowe",
        "state": "PA",
        "purpose": "identification",
        "universe_id": "u1",
        "practice": False,
        "hours": DEFAULT_HOURS.model_dump(mode="json"),
        "organization_ids": ("o1",),
    }
    return PhoneBankCreated(**(told | changed))


def campaign_created(**changed: Any) -> CampaignCreated:
    told = {"campaign_id": "c1", "slug": "marlowe", "name": "Marlowe for Pennsylvania"}
    return CampaignCreated.model_validate(told | changed)


def voter_imported(voter_id: str, **changed: Any) -> VoterImported:
    told: dict[str, Any] = {
        "campaign_id": "c1",
        "voter_id": voter_id,
        "line_ids": (f"l-{voter_id}",),
        "state": "PA",
        "zones": ("America/New_York",),
        "fictional": True,
        "person_version": 1,
        "digest": "d",
        "import_id": "i1",
    }
    return VoterImported(**(told | changed))


def universe_entered(*voter_ids: str, universe_id: str = "u1") -> UniverseEntered:
    return UniverseEntered(campaign_id="c1", universe_id=universe_id, voter_ids=voter_ids)


class Folding:
    """Facts go in as they come, in batches, each batch twice."""

    def __init__(self, database: Database) -> None:
        parking = Parking(database, lambda: EVENING)
        self._facts: list[Event] = []
        self._runners = [ViewRunner(view, database, parking, lambda: EVENING) for view in VIEWS]

    async def prepare(self) -> None:
        for runner in self._runners:
            await runner.prepare()

    async def take(self, facts: Iterable[Event]) -> None:
        self._facts += facts
        for runner in self._runners:
            for _ in range(2):
                await runner.apply(recorded(self._facts))


@dataclass
class Gotv:
    """The running app, and what a test may look at or break."""

    app: FastAPI
    http: httpx.AsyncClient
    vault: StandInVault
    clock: Clock
    folding: Folding

    async def get(self, path: str, *grants: Grant, **query: Any) -> httpx.Response:
        """As Odile with these grants."""
        headers = {"authorization": bearer("odile", *grants)}
        return await self.http.get(path, headers=headers, params=query or None)


@contextlib.asynccontextmanager
async def gotv_app(database: Database, facts: Iterable[Event] = ()) -> AsyncIterator[Gotv]:
    """The app, open, its views having folded these facts."""
    settings = GotvSettings(
        phonebank_env="test",
        mongodb_url="mongodb://nowhere.test",
        kafka_bootstrap="nowhere.test:1",
        token_key=TOKEN_KEY,
        service_key=SERVICE_KEY,
    )
    clock, vault, folding = Clock(), StandInVault(), Folding(database)
    await folding.prepare()
    await folding.take(facts)
    app = create_app(settings, log=MemoryLog("gotv.events"), database=database, now=clock)
    async with app.router.lifespan_context(app):
        await app.state.vault.aclose()
        app.state.vault = vault.client("gotv")
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://phonebank.test") as http:
            yield Gotv(app, http, vault, clock, folding)
