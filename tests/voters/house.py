"""Voters as their organizers and the other services meet them, with the importer at hand."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from libs.chassis.tokens import Grant, Principal, ServiceTokens
from libs.database import Database
from services.voters.app import create_app
from services.voters.desk import Desk
from services.voters.importer import Importer
from services.voters.settings import VotersSettings

CAMPAIGN = "campaign1"
OTHER_CAMPAIGN = "campaign2"
ORGANIZER = "organizer1"


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


@dataclass
class House:
    """The running service over a real MongoDB."""

    app: FastAPI
    http: httpx.AsyncClient
    settings: VotersSettings
    database: Database
    clock: Clock

    @property
    def desk(self) -> Desk:
        desk: Desk = self.app.state.desk
        return desk

    def headers(self, *grants: tuple[str, str], key: str | None = None) -> dict[str, str]:
        """Those of somebody with these roles (role, campaign); a campaign admin by default."""
        now = self.clock()
        chosen = grants or (("campaign_admin", CAMPAIGN),)
        principal = Principal(
            caller_id=ORGANIZER,
            session_id="session1",
            expires_at=now + timedelta(minutes=10),
            issued_at=now,
            grants=tuple(Grant(role, campaign) for role, campaign in chosen),
        )
        token = self.app.state.tokens.sign(principal)
        return {"authorization": f"Bearer {token}", "idempotency-key": key or uuid4().hex}

    async def upload(
        self,
        content: bytes,
        *,
        key: str | None = None,
        grants: Sequence[tuple[str, str]] = (),
        campaign_id: str = CAMPAIGN,
        profile: str = "auto",
        extent: str = "whole",
    ) -> httpx.Response:
        return await self.http.post(
            "/voters/imports",
            headers=self.headers(*grants, key=key),
            files={"file": ("export.txt", content, "text/plain")},
            data={"campaign_id": campaign_id, "profile": profile, "extent": extent},
        )

    async def run_importer(self) -> None:
        """Let an importer work off all that waits."""
        importer = Importer(self.desk)
        while await importer.work():
            pass

    async def imported(self, content: bytes, *, campaign_id: str = CAMPAIGN) -> dict[str, Any]:
        """Upload, read to the end, and answer the state."""
        grants = [("campaign_admin", campaign_id)]
        started = await self.upload(content, campaign_id=campaign_id, grants=grants)
        assert started.status_code == 202, started.text
        await self.run_importer()
        return await self.state(started.json()["import_id"], *grants)

    async def state(self, import_id: str, *grants: tuple[str, str]) -> dict[str, Any]:
        answer = await self.http.get(f"/voters/imports/{import_id}", headers=self.headers(*grants))
        assert answer.status_code == 200, answer.text
        state: dict[str, Any] = answer.json()
        return state

    async def preview(self, import_id: str) -> dict[str, Any]:
        """What looking through the file found."""
        path = f"/voters/imports/{import_id}/preview"
        answer = await self.http.get(path, headers=self.headers())
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def confirmed(self, import_id: str) -> dict[str, Any]:
        """Have a file that waits imported, and answer the state at its end."""
        path = f"/voters/imports/{import_id}/confirm"
        answer = await self.http.post(path, headers=self.headers())
        assert answer.status_code == 202, answer.text
        await self.run_importer()
        return await self.state(import_id)

    async def ask_vault(
        self, path: str, body: dict[str, Any], *, service: str = "queue", audience: str = "voters"
    ) -> httpx.Response:
        tokens = ServiceTokens(self.settings.service_key.get_secret_value(), service)
        headers = {"x-service-token": tokens.sign(audience, self.clock())}
        return await self.http.post(f"/voters/vault/{path}", json=body, headers=headers)

    async def cards(
        self, voter_ids: Sequence[str], *, purpose: str = "call", campaign_id: str = CAMPAIGN
    ) -> dict[str, Any]:
        answer = await self.ask_vault(
            "cards",
            {
                "campaign_id": campaign_id,
                "purpose": purpose,
                "actor": "caller1",
                "voter_ids": list(voter_ids),
            },
        )
        assert answer.status_code == 200, answer.text
        cards: dict[str, Any] = answer.json()["cards"]
        return cards

    async def voter_ids(self, campaign_id: str = CAMPAIGN) -> list[str]:
        """The ids of all voters on the file, in the order of the file's rows."""
        rows = self.database["selectable"].find({"campaign_id": campaign_id}).sort("seen_row", 1)
        return [row["voter_id"] for row in await rows.to_list()]

    async def facts(self, type: str) -> list[dict[str, Any]]:
        """The payloads of all facts of a type in the log."""
        wanted = {"facts.type": f"voters.{type}"}
        commits = await self.database["commits"].find(wanted).sort("_id", 1).to_list()
        return [
            fact["payload"]
            for commit in commits
            for fact in commit["facts"]
            if fact["type"] == f"voters.{type}"
        ]

    async def everything_stored(self) -> bytes:
        """All documents of all collections, as text and as the bytes of their binary fields."""
        stored = []
        for name in await self.database.list_collection_names():
            stored += await self.database[name].find().to_list()
        return b"\n".join(map(_bytes_of, stored))


def _bytes_of(value: Any) -> bytes:
    if isinstance(value, dict):
        return b" ".join(_bytes_of(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return b" ".join(_bytes_of(part) for part in value)
    return value if isinstance(value, bytes) else str(value).encode()


@contextlib.asynccontextmanager
async def open_house(
    database: Database, clock: Clock, mongodb_url: str, **settings: Any
) -> AsyncIterator[House]:
    """The app inside its lifespan."""
    chosen = VotersSettings(
        phonebank_env="test",
        mongodb_url=mongodb_url,
        kafka_bootstrap="unused:9092",
        database_prefix=database.name.removesuffix("_voters"),
        public_url="http://phonebank.example",
        token_key=SecretStr("t" * 32),
        service_key=SecretStr("s" * 32),
        vault_key=SecretStr("v" * 32),
        line_key=SecretStr("l" * 32),
        **settings,
    )
    app = create_app(chosen, now=clock)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=chosen.public_url) as http:
            yield House(app, http, chosen, database, clock)
