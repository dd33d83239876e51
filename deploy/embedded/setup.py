"""Set up the demo through the public HTTP API only, as an organizer's own script would."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.demo.mailed import mailed_token
from deploy.demo.organizations import ABROAD, AT_HOME
from deploy.demo.script import DEMO_SCRIPT
from deploy.demo.voter_file import write_export
from deploy.embedded.accounts import Accounts

ORGANIZER = {
    "email": "organizer@example.org",
    "password": "correct-horse-organizes",
    "first_name": "Odile",
    "last_name": "Quarrelbrook",
}
CALLER = {
    "email": "caller@example.org",
    "password": "battery-staple-calls",
    "first_name": "Casper",
    "last_name": "Winterholm",
}
CAMPAIGN = {"name": "Marlowe for Pennsylvania", "slug": "marlowe-pa"}
VOTERS_DEFAULT = 5_000
STEP_SECONDS_MAX = 300.0
POLL_SECONDS = 0.2

Report = Callable[[str], None]


class SetUpFailed(Exception):
    """The API said no; the message holds its own sentence."""


@dataclass(slots=True)
class _Api:
    """A client that names its commands: a set-up run again records nothing twice."""

    http: httpx.AsyncClient
    token: str = ""

    async def post(self, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        return await self.send("POST", path, key, json=body)

    async def send(self, method: str, path: str, key: str, **parts: Any) -> dict[str, Any]:
        headers = {"idempotency-key": key}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        answer = await self.http.request(method, path, headers=headers, **parts)
        if answer.is_error:
            message = f"{method} {path}: {answer.status_code} {answer.text}"
            raise SetUpFailed(message)
        body: dict[str, Any] = answer.json() if answer.content else {}
        return body

    async def log_in(self, person: dict[str, str]) -> bool:
        answer = await self.http.post(
            "/identity/sessions",
            json={"email": person["email"], "password": person["password"]},
        )
        if answer.is_success:
            self.token = answer.json()["token"]
        return answer.is_success


async def set_up(base_url: str, mail_url: str, setup_token: str, report: Report) -> Accounts:
    """Make the demo's organizer, organization, campaign, voters, phone banks and first caller.

    Run again over kept data it finds everything there and changes nothing.
    """
    accounts = Accounts(
        organizer_email=ORGANIZER["email"],
        organizer_password=ORGANIZER["password"],
        caller_email=CALLER["email"],
        caller_password=CALLER["password"],
    )
    async with httpx.AsyncClient(base_url=base_url, timeout=30.0) as http:
        organizer = _Api(http)
        if await organizer.log_in(ORGANIZER) and await _Api(http).log_in(CALLER):
            report("The demo's campaign is there from last time")
            return accounts
        report("Creating the first organizer, the organization and the campaign")
        founded = await organizer.post(
            "/identity/setup",
            {
                "setup_token": setup_token,
                "organizer": ORGANIZER,
                "organization": AT_HOME,
                "campaign": CAMPAIGN,
            },
            "demo/setup",
        )
        if not await organizer.log_in(ORGANIZER):
            raise SetUpFailed("The first organizer cannot log in")
        campaign_id = founded["campaign_id"]
        caller = asyncio.create_task(_register_caller(_Api(http), mail_url))
        abroad = await organizer.post("/identity/organizations", ABROAD, "demo/abroad")
        await organizer.post(
            f"/identity/campaigns/{campaign_id}/organizations",
            {"organization_id": abroad["organization_id"]},
            "demo/admit-abroad",
        )
        await _import_voters(organizer, campaign_id, report)
        organization_ids = [founded["organization_id"], abroad["organization_id"]]
        await _make_banks(organizer, campaign_id, organization_ids, report)
        await caller
    return accounts


async def _import_voters(api: _Api, campaign_id: str, report: Report) -> None:
    voters = int(os.environ.get("DEMO_VOTERS") or VOTERS_DEFAULT)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "DEMO FVE 20260928.txt"
        write_export(path, rows=voters)
        report(f"Importing {voters} made-up voters")
        started = await api.send(
            "POST",
            "/voters/imports",
            "demo/import",
            files={"file": (path.name, path.read_bytes(), "text/plain")},
            data={"profile": "auto", "campaign_id": campaign_id},
        )
    place = f"/voters/imports/{started['import_id']}"

    async def state() -> dict[str, Any] | None:
        progress = await api.send("GET", place, "")
        if progress["state"] in {"failed", "stopped"}:
            message = f"The import ended early: {progress}"
            raise SetUpFailed(message)
        return progress if progress["state"] == "done" else None

    done = await _until(state, "the voter file is imported")
    report(f"{done['rows_kept']} voters kept, {done['rows_rejected']} rows rejected with reasons")


async def _make_banks(
    api: _Api, campaign_id: str, organization_ids: list[str], report: Report
) -> None:
    report("Defining the universe, the script and two phone banks")
    universe = await api.post(
        "/voters/universes",
        {
            "campaign_id": campaign_id,
            "name": "Pennsylvania voters with a number",
            "selection": {"state": "PA", "has_phone": True},
        },
        "demo/universe",
    )
    for key, name, practice in (
        ("practice", "Practice: Marlowe for Pennsylvania", True),
        ("calls", "Marlowe for Pennsylvania", False),
    ):
        bank = await api.post(
            "/queue/phone-banks",
            {
                "campaign_id": campaign_id,
                "name": name,
                "candidate": "Ida Marlowe",
                "state": "PA",
                "purpose": "identification",
                "universe_id": universe["universe_id"],
                "practice": practice,
                "organization_ids": organization_ids,
            },
            f"demo/bank/{key}",
        )
        place = f"/queue/phone-banks/{bank['bank_id']}"
        await api.send("PUT", f"{place}/script", f"demo/script/{key}", json={"script": DEMO_SCRIPT})
        await api.post(f"{place}/open", {}, f"demo/open/{key}")

    async def callable_now() -> dict[str, Any] | None:
        answer = await api.http.get("/queue/phone-banks?organization=dvc-palo-alto")
        # Until the bus has told the queue of it, the organization is not found there.
        banks = answer.json()["phone_banks"] if answer.is_success else []
        practice = [bank for bank in banks if bank["practice"]]
        return practice[0] if practice and practice[0]["callable_now"] else None

    bank = await _until(callable_now, "the practice phone bank has voters to call")
    report(f"{bank['callable_now']} voters can be called in the practice phone bank")


async def _register_caller(api: _Api, mail_url: str) -> None:
    about = {**CALLER, "organization": AT_HOME["slug"]}
    await api.post("/identity/callers", about, "demo/caller")

    async def link() -> str | None:
        return await mailed_token(api.http, mail_url, CALLER["email"])

    token = await _until(link, "the confirmation mail has come")
    await api.post("/identity/confirmations", {"token": token}, "demo/confirmation")


async def _until(ask: Callable[[], Any], what: str) -> Any:
    deadline = asyncio.get_running_loop().time() + STEP_SECONDS_MAX
    while True:
        answer = await ask()
        if answer is not None:
            return answer
        if asyncio.get_running_loop().time() > deadline:
            message = f"After {STEP_SECONDS_MAX:.0f} s it is still not so that {what}"
            raise SetUpFailed(message)
        await asyncio.sleep(POLL_SECONDS)


async def main(environ: Mapping[str, str]) -> None:
    """Set up the house at BASE_URL, from another process; prints what a person needs to begin."""
    accounts = await set_up(environ["BASE_URL"], environ["MAIL_URL"], environ["SETUP_TOKEN"], _say)
    _say(f"Organizer: {accounts.organizer_email} / {accounts.organizer_password}")
    _say(f"Caller: {accounts.caller_email} / {accounts.caller_password}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        asyncio.run(main(os.environ))
    except (SetUpFailed, httpx.HTTPError) as problem:
        sys.exit(f"{type(problem).__name__}: {problem}")
