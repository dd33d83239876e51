"""Five hundred ask at once for two hundred lines, and the web process dies in the middle."""

import asyncio
import secrets
import signal
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from deploy.embedded.elsewhere import Elsewhere
from libs.chassis.tokens import Principal, Tokens
from libs.database import connect
from tests.chaos.recount import overlapping_leases, read_facts
from tests.journeys.small_bank import file_of, open_small_bank, organizer_of, person
from tests.support.backing import eventually

pytestmark = [pytest.mark.chaos, pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

CALLERS = 500
LINES = 200
COUNTY = "POTTER"
KILL_AFTER_SECONDS = 0.15


def many_lines() -> bytes:
    """Two hundred voters with a number each, from islands where nobody of the demo's has one."""
    return file_of(
        person(f"P{n}", "Ashgrove", f"{(670, 671)[n // 100]}-555-01{n % 100:02}", county=COUNTY)
        for n in range(LINES)
    )


def tokens_for(demo: Elsewhere, organization_id: str) -> list[str]:
    """Tokens as the front door would have made them, without five hundred sign-ups."""
    tokens, now = Tokens(demo.secrets["TOKEN_KEY"]), datetime.now(UTC)
    return [
        tokens.sign(
            Principal(
                caller_id=f"crowd-{secrets.token_hex(6)}",
                session_id=secrets.token_hex(8),
                expires_at=now + timedelta(minutes=10),
                issued_at=now,
                organization_id=organization_id,
            )
        )
        for _ in range(CALLERS)
    ]


async def ask(http: httpx.AsyncClient, bank_id: str, token: str, key: str) -> int:
    """The status of "next voter", asked with one key until there is an answer."""
    headers = {"authorization": f"Bearer {token}", "idempotency-key": key}
    path = f"/queue/phone-banks/{bank_id}/assignments"
    status = 0

    async def answered() -> bool:
        nonlocal status
        try:
            answer = await http.post(path, json={}, headers=headers)
        except httpx.HTTPError:
            return False
        status = answer.status_code
        return status < httpx.codes.INTERNAL_SERVER_ERROR

    await eventually(answered, deadline_seconds=60, saying="an answer to one request")
    return status


async def test_no_line_twice_and_no_caller_two_though_the_server_dies(house: Elsewhere) -> None:
    organizer = await organizer_of(house)
    bank_id = await open_small_bank(house, organizer, many_lines(), "Potter", county="Potter")
    page = await organizer.send("GET", "/identity/organizations/dvc-palo-alto")
    tokens = tokens_for(house, page["organization_id"])
    limits = httpx.Limits(max_connections=CALLERS, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=house.url, timeout=60, limits=limits) as http:

        async def all_ask(round_number: int) -> list[int]:
            return await asyncio.gather(
                *(ask(http, bank_id, token, f"{round_number}") for token in tokens)
            )

        asking = asyncio.create_task(all_ask(0))
        asyncio.get_running_loop().call_later(KILL_AFTER_SECONDS, house.send, "web", signal.SIGKILL)
        statuses = await asking

        async def all_lines_are_out() -> bool:
            # Lines that the dead process had reserved come out by asking again.
            nonlocal statuses
            statuses = await all_ask(len(statuses))
            return statuses.count(200) + statuses.count(201) >= LINES

        await eventually(all_lines_are_out, deadline_seconds=60, saying="every line is out")
    assert statuses.count(200) + statuses.count(201) == LINES
    client = connect(house.addresses["MongoDB"])
    queue = client["phonebank_queue"]
    assigned = [
        fact["payload"]
        for fact in await read_facts(queue)
        if fact["type"] == "queue.voter-assigned" and fact["payload"]["bank_id"] == bank_id
    ]
    assert await overlapping_leases(queue) == []
    await client.close()
    await organizer.http.aclose()
    assert len({fact["line_id"] for fact in assigned}) == len(assigned) == LINES
    assert len({fact["caller_id"] for fact in assigned}) == LINES
