"""A room full of made-up callers, from home and from abroad, and a person who calls among them."""

import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.callers import sign_up
from deploy.demo.organizations import ABROAD, AT_HOME
from deploy.embedded.elsewhere import Elsewhere
from libs.database import connect
from tests.chaos.recount import overlapping_leases
from tests.journeys.small_bank import Organizer, organizer_of
from tests.support.backing import eventually
from tests.support.whole_house import practice_bank, verify, whole_house

pytestmark = [pytest.mark.real, pytest.mark.chaos]

CALLERS = 6
# Twenty times a person's pace: a call every few seconds from each.
ROOM = {
    "CALLERS": str(CALLERS),
    "CALLERS_PACE": "20",
    "CALLERS_LEAVE_VOTERS": "20",
    "DEMO_VOTERS": "500",
}


async def tallies_of(organizer: Organizer, bank_id: str) -> dict[str, Any]:
    return await organizer.send("GET", f"/results/phone-banks/{bank_id}/tallies")


async def organization_id(organizer: Organizer, slug: str) -> str:
    page = await organizer.send("GET", f"/identity/organizations/{slug}")
    return str(page["organization_id"])


async def a_person_calls(demo: Elsewhere, bank_id: str) -> str:
    """Sign up, next voter, result, as the demo's visitor would; answers the call's id."""
    (caller,) = await sign_up(demo.url, demo.mail_url, 1)
    headers = {"authorization": f"Bearer {caller.token}", "idempotency-key": "one"}
    async with httpx.AsyncClient(base_url=demo.url, timeout=30, headers=headers) as http:
        answer = await http.post(f"/queue/phone-banks/{bank_id}/assignments", json={})
        assert answer.status_code == 201, answer.text
        assignment = answer.json()
        voters = [voter["voter_id"] for voter in assignment["voters"]]
        answer = await http.post(
            "/results/calls",
            json={
                "ticket": assignment["ticket"],
                "spoke_with": "nobody",
                "results": [{"voter_id": v, "disposition": "not_home"} for v in voters],
                "device_time": datetime.now(UTC).isoformat(),
            },
        )
        assert answer.status_code == 201, answer.text
    call_id: str = answer.json()["call_id"]
    return call_id


async def test_they_call_beside_a_person_and_through_the_death_of_the_server(
    tmp_path: Path,
) -> None:
    async with whole_house(tmp_path / "house", **ROOM) as demo:
        organizer = await organizer_of(demo)
        bank_id = await practice_bank(demo)
        at_home = await organization_id(organizer, AT_HOME["slug"])
        abroad = await organization_id(organizer, ABROAD["slug"])

        async def both_have_credit() -> dict[str, Any]:
            tallies = await tallies_of(organizer, bank_id)
            credit = {each["organization_id"]: each for each in tallies["by_organization"]}
            assert set(credit) == {at_home, abroad}, tallies
            assert min(each["attempts"] for each in credit.values()) >= 5, credit
            assert credit[at_home]["attempts"] > credit[abroad]["attempts"], credit
            assert len(tallies["by_caller"]) == CALLERS, tallies["by_caller"]
            return tallies

        before = await eventually(
            both_have_credit, deadline_seconds=90, saying="both organizations have credit"
        )
        await a_person_calls(demo, bank_id)

        room = demo.pids["callers"]
        demo.send("web", signal.SIGKILL)

        async def they_went_on() -> bool:
            try:
                tallies = await tallies_of(organizer, bank_id)
            except (httpx.HTTPError, AssertionError):
                return False
            assert tallies["attempts"] >= before["attempts"] + 20, tallies
            assert len(tallies["by_caller"]) == CALLERS + 1
            return True

        await eventually(they_went_on, deadline_seconds=90, saying="they go on calling")
        assert demo.pids["callers"] == room, "they waited, and were not started anew"
        await organizer.http.aclose()

        code, said = await verify(demo)
        assert code == 0, said
        client = connect(demo.addresses["MongoDB"])
        assert await overlapping_leases(client["phonebank_queue"]) == []
        await client.close()
