"""The queue's web process for tests: who asks is a principal, and every no is a problem."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from libs.chassis.tokens import Principal, Tokens
from services.queue.settings import QueueSettings
from tests.queue.house import House, caller

KEY = "a key of the tests that is long enough"
SETTINGS = QueueSettings(
    phonebank_env="test",
    mongodb_url="mongodb://unused",
    kafka_bootstrap="unused",
    token_key=SecretStr(KEY),
    service_key=SecretStr(KEY),
    ticket_key=SecretStr(KEY),
)


@dataclass
class Web:
    """The queue's web process, and what is behind it."""

    house: House
    app: FastAPI
    http: httpx.AsyncClient

    async def send(
        self, who: Principal | None, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        sent = {"idempotency-key": uuid4().hex} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        if who is not None:
            # A token is ten minutes old at most, by the clock of the test.
            fresh = replace(who, expires_at=self.house.clock() + timedelta(minutes=10))
            sent["authorization"] = f"Bearer {Tokens(KEY).sign(fresh)}"
        return await self.http.request(method, path, json=body, headers=sent)

    async def next(
        self, who: Principal | None = None, body: Any = None, bank_id: str = "bank", **headers: str
    ) -> httpx.Response:
        path = f"/queue/phone-banks/{bank_id}/assignments"
        return await self.send(who or caller(), "POST", path, body or {}, **headers)


def is_problem(answer: httpx.Response, status: int, type: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"/problems/{type}"
    assert body["detail"]
    return body
