"""Made-up callers through the front door: signed up, confirmed by the mailed link, logged in."""

import asyncio
import re
import secrets
from dataclasses import dataclass

import httpx

PASSWORD = "bench-callers-dial-on"  # noqa: S105 - of made-up people in a throw-away demo.
AT_ONCE = 8
ORGANIZATION = "dvc-palo-alto"
MAIL_SECONDS_MAX = 60.0
POLL_SECONDS = 0.2


class SignUpFailed(Exception):
    """The front door said no; the message holds its own sentence."""


@dataclass(frozen=True, slots=True)
class BenchCaller:
    """Somebody who can call."""

    email: str
    token: str


async def sign_up(base_url: str, mail_url: str, count: int) -> list[BenchCaller]:
    """`count` new callers, each with a session."""
    batch = secrets.token_hex(3)
    gate = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=base_url, timeout=60.0) as http:

        async def one(number: int) -> BenchCaller:
            async with gate:
                return await _sign_up(http, mail_url, f"bench-{batch}-{number}@example.org")

        return list(await asyncio.gather(*(one(number) for number in range(count))))


async def log_in(base_url: str, email: str, password: str) -> str:
    """A session's token."""
    async with httpx.AsyncClient(base_url=base_url, timeout=60.0) as http:
        return await _log_in(http, email, password)


async def _sign_up(http: httpx.AsyncClient, mail_url: str, email: str) -> BenchCaller:
    answer = await http.post(
        "/identity/callers",
        headers={"idempotency-key": email},
        json={
            "email": email,
            "password": PASSWORD,
            "first_name": "Bench",
            "last_name": "Caller",
            "organization": ORGANIZATION,
        },
    )
    if answer.status_code != httpx.codes.CREATED:
        raise SignUpFailed(answer.text)
    token = await _mailed_token(http, mail_url, email)
    answer = await http.post(
        "/identity/confirmations", headers={"idempotency-key": token}, json={"token": token}
    )
    if answer.is_error:
        raise SignUpFailed(answer.text)
    return BenchCaller(email, await _log_in(http, email, PASSWORD))


async def _mailed_token(http: httpx.AsyncClient, mail_url: str, email: str) -> str:
    async with asyncio.timeout(MAIL_SECONDS_MAX):
        while True:
            answer = await http.get(f"{mail_url}/messages", params={"to": email})
            for message in answer.json():
                if found := re.search(r"[?#&]token=([A-Za-z0-9_-]+)", message["text"]):
                    return found.group(1)
            await asyncio.sleep(POLL_SECONDS)


async def _log_in(http: httpx.AsyncClient, email: str, password: str) -> str:
    while True:
        answer = await http.post("/identity/sessions", json={"email": email, "password": password})
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
            continue
        if answer.is_error:
            raise SignUpFailed(answer.text)
        token: str = answer.json()["token"]
        return token
