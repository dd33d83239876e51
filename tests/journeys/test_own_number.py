"""Over a whole demo: nobody is handed their own number, and a language barrier finds its caller."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.callers import PASSWORD, BenchCaller, log_in, sign_up
from deploy.embedded.elsewhere import Elsewhere
from tests.journeys.scenes import A_DAY_LATER_SECONDS, until_tuesday_seconds
from tests.journeys.small_bank import household_file, open_small_bank, organizer_of
from tests.support.backing import eventually
from tests.support.whole_house import whole_house

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

NUMBER = "814-555-0163"


async def ask(
    demo: Elsewhere, caller: BenchCaller, method: str, path: str, **parts: Any
) -> httpx.Response:
    """A request of the caller's own client."""
    headers = {"authorization": f"Bearer {caller.token}", "idempotency-key": secrets.token_hex(8)}
    async with httpx.AsyncClient(base_url=demo.url, timeout=30) as http:
        return await http.request(method, path, headers=headers, **parts)


async def tells(demo: Elsewhere, caller: BenchCaller, **about: Any) -> None:
    """The caller fills in their own page."""
    profile = {"first_name": "Casper"} | about
    answer = await ask(demo, caller, "PUT", "/identity/callers/current", json=profile)
    assert answer.status_code == httpx.codes.OK, answer.text


async def next_voters(demo: Elsewhere, caller: BenchCaller, bank_id: str) -> Mapping[str, Any]:
    """What the caller is handed, or the problem."""
    path = f"/queue/phone-banks/{bank_id}/assignments"
    answer: dict[str, Any] = (await ask(demo, caller, "POST", path, json={})).json()
    return answer


async def test_own_numbers_and_languages(tmp_path: Path) -> None:
    folder = tmp_path / "house"
    offset_seconds = until_tuesday_seconds(15)
    async with whole_house(
        folder, CLOCK_OFFSET_SECONDS=str(offset_seconds), DEMO_VOTERS="200"
    ) as demo:
        organizer = await organizer_of(demo)
        file = household_file(("Rosa",), "Ferncastle", NUMBER)
        bank_id = await open_small_bank(demo, organizer, file, "Cameron County")
        await organizer.http.aclose()
        at_home, other, carmen = await sign_up(demo.url, demo.mail_url, 3)
        await tells(demo, at_home, phone="001 (814) 555 0163", languages=["es"])
        await tells(demo, carmen, phone="+34 600 000 001", languages=["es"])

        async def handed_out() -> Mapping[str, Any] | None:
            refused = await next_voters(demo, at_home, bank_id)
            assert "line" not in refused, "the caller's own number was handed out"
            found = await next_voters(demo, other, bank_id)
            return found if "line" in found else None

        assigned = await eventually(
            handed_out, deadline_seconds=30, saying="the voter goes to somebody else"
        )
        assert assigned is not None
        (voter,) = assigned["voters"]
        assert voter["first_name"] == "Rosa"
        marked = {
            "voter_id": voter["voter_id"],
            "disposition": "language_barrier",
            "answers": {},
            "language": "Spanish",
        }
        call = {"ticket": assigned["ticket"], "spoke_with": voter["voter_id"], "results": [marked]}
        answer = await ask(demo, other, "POST", "/results/calls", json=call)
        assert answer.status_code == httpx.codes.CREATED, answer.text

    offset_seconds += A_DAY_LATER_SECONDS
    async with whole_house(
        folder, CLOCK_OFFSET_SECONDS=str(offset_seconds), DEMO_VOTERS="200"
    ) as demo:

        async def handed_to_carmen() -> bool:
            for caller in (at_home, other):
                assert "line" not in await next_voters(demo, await again(demo, caller), bank_id)
            found = await next_voters(demo, await again(demo, carmen), bank_id)
            return "line" in found and found["voters"][0]["first_name"] == "Rosa"

        assert await eventually(
            handed_to_carmen, deadline_seconds=30, saying="the voter goes to who speaks Spanish"
        )


async def again(demo: Elsewhere, caller: BenchCaller) -> BenchCaller:
    """The same caller on the next day."""
    answer = await ask(demo, caller, "GET", "/identity/sessions/current")
    if answer.is_success:
        return caller
    return BenchCaller(caller.email, await log_in(demo.url, caller.email, PASSWORD))
