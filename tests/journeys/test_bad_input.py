"""Nonsense at every door: a problem with a sentence that helps, and never a 500."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bench.callers import log_in
from deploy.embedded.elsewhere import Elsewhere

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

SERVICES = ("identity", "voters", "queue", "results", "gotv")
METHODS = ("get", "post", "put", "patch", "delete")
NONSENSE: tuple[tuple[str, bytes, str], ...] = (
    ("nothing", b"", "application/json"),
    ("no JSON", b"{not json", "application/json"),
    ("a list", b"[1, 2, 3]", "application/json"),
    ("other fields", b'{"unexpected": {"deeply": [null]}}', "application/json"),
    ("wrong types", b'{"email": 7, "ticket": [], "campaign_id": {}}', "application/json"),
    ("no text", b'{"ticket": "\xff", "receipt": "\xff", "email": "\xff"}', "application/json"),
    ("bytes", b"\x00\xff\xfe", "application/octet-stream"),
)
# Streams that go on for ever once they are open, and what ends the session that asks.
LEFT_OUT = ("/live", "/sessions/current", "/metrics")
# Every service says whether it lives.
HEALTH = ("/livez", "/readyz")
# Whoever has no session yet comes in by these; those that tell something tell it to everybody.
PUBLIC = {
    ("get", "/queue/phone-banks"),
    ("get", "/identity/.well-known/jwks.json"),
    ("get", "/identity/organizations/made-up"),
    ("post", "/identity/callers"),
    ("post", "/identity/confirmations"),
    ("post", "/identity/confirmations/resend"),
    ("post", "/identity/password-resets"),
    ("post", "/identity/passwords"),
    ("post", "/identity/registrations"),
    ("post", "/identity/session-codes"),
    ("post", "/identity/sessions"),
    ("post", "/identity/setup"),
}


async def doors(http: httpx.AsyncClient) -> list[tuple[str, str]]:
    """Every method and path that the five openapi.json name, with made-up ids in them."""

    def of(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for path, methods in document["paths"].items():
            if not path.endswith(LEFT_OUT):
                concrete = "/".join(
                    "made-up" if part.startswith("{") else part for part in path.split("/")
                )
                yield from ((method, concrete) for method in methods if method in METHODS)

    found = []
    for service in SERVICES:
        answer = await http.get(f"/{service}/openapi.json")
        assert answer.status_code == httpx.codes.OK, service
        found += list(of(answer.json()))
    return found


def assert_helps(answer: httpx.Response, said: str) -> None:
    """A refusal is a problem with a type, a title and a sentence."""
    assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, f"{said}: {answer.text}"
    if answer.is_error:
        assert answer.headers["content-type"].startswith("application/problem+json"), said
        problem = answer.json()
        assert problem["type"].startswith("/problems/"), said
        assert problem["status"] == answer.status_code, said
        assert " " in problem["title"] or " " in problem["detail"], (said, problem)
        assert len(problem["detail"]) > 10, (said, problem)


@pytest.mark.parametrize("who", ["nobody", "organizer", "forger"])
async def test_every_door_answers_nonsense_with_a_sentence(house: Elsewhere, who: str) -> None:
    headers = {"idempotency-key": f"nonsense-{who}"}
    if who == "organizer":
        token = await log_in(house.url, *house.accounts["Organizer"])
        headers["authorization"] = f"Bearer {token}"
    if who == "forger":
        headers["authorization"] = "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9."
    async with httpx.AsyncClient(base_url=house.url, timeout=30) as http:
        every = await doors(http)
        assert len(every) > 40
        for method, path in every:
            for what, body, content_type in NONSENSE:
                answer = await http.request(
                    method,
                    path,
                    content=body if method != "get" else None,
                    headers=headers | {"content-type": content_type},
                )
                assert_helps(answer, f"{who}: {method} {path} with {what}")


async def test_only_open_doors_let_nobody_in(house: Elsewhere) -> None:
    """Deny unless allowed: without a session no door changes anything or tells of a voter."""
    async with httpx.AsyncClient(base_url=house.url, timeout=30) as http:
        every = [door for door in await doors(http) if not door[1].endswith(HEALTH)]
        assert set(every) >= PUBLIC, "each of the open doors is there"
        for method, path in every:
            if (method, path) in PUBLIC:
                continue
            headers = {"idempotency-key": "nobody"}
            answer = await http.request(method, path, headers=headers, json={})
            allowed = {401} if path.startswith("/identity/") else {401, 422}
            assert answer.status_code in allowed, f"{method} {path}: {answer.status_code}"
