"""A campaign's file of two on one line, with a universe and a practice bank of their own."""

import itertools
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from bench.callers import log_in
from deploy.demo.script import DEMO_SCRIPT
from deploy.embedded.elsewhere import Elsewhere
from services.voters.domain.profiles.pennsylvania import PENNSYLVANIA
from tests.support.backing import eventually

COUNTY = "CAMERON"  # Where nobody of the demo's own file lives.
# Puerto Rico's, which the demo's own people do not have: in a house that tests share, another
# test may be on any of theirs.
_numbers = (f"787-555-01{last:02}" for last in range(100))
# One after the other: drawn ones repeat in a large file (thousands of a thousand million do).
_ids = itertools.count(secrets.randbelow(900_000_000))


@dataclass(frozen=True)
class Organizer:
    """An organizer's API client."""

    http: httpx.AsyncClient

    async def send(self, method: str, path: str, **parts: Any) -> dict[str, Any]:
        answer = await self.http.request(
            method, path, headers={"idempotency-key": secrets.token_hex(8)}, **parts
        )
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


async def organizer_of(demo: Elsewhere) -> Organizer:
    """The demo's organizer, logged in."""
    return client_of(demo, await log_in(demo.url, *demo.accounts["Organizer"]))


def client_of(demo: Elsewhere, token: str) -> Organizer:
    """Whoever has this token. No connection is kept: a test that fails leaves none to the next."""
    headers = {"authorization": f"Bearer {token}"}
    limits = httpx.Limits(max_keepalive_connections=0)
    http = httpx.AsyncClient(base_url=demo.url, headers=headers, timeout=30, limits=limits)
    return Organizer(http)


async def campaign_of(demo: Elsewhere, organizer: Organizer) -> str:
    """The id of the campaign the organizer runs."""
    current = await organizer.send("GET", "/identity/sessions/current")
    return next(
        str(grant["campaign_id"]) for grant in current["caller"]["grants"] if grant["campaign_id"]
    )


def unshared_number() -> str:
    """A number that nobody else in this run has."""
    return next(_numbers)


def person(
    first: str, surname: str, phone: str, *, county: str = COUNTY, born: str = "01/14/1971"
) -> dict[str, str]:
    """A row of a Pennsylvania export, by column."""
    return dict.fromkeys(PENNSYLVANIA.columns, "") | {
        "ID Number": f"{next(_ids):09d}-12",
        "Last Name": surname.upper(),
        "First Name": first.upper(),
        "DOB": born,
        "Registration Date": "05/02/2001",
        "Voter Status": "A",
        "Party Code": "D",
        "House Number": "12",
        "Street Name": "QUILLFEATHER LN",
        "City": "EMPORIUM",
        "State": "PA",
        "Zip": "15834",
        "Home Phone": phone,
        "County Name": county,
    }


def file_of(people: Iterable[dict[str, str]]) -> bytes:
    """A Pennsylvania export of these rows."""
    lines = [
        '"' + '"\t"'.join(row[column] for column in PENNSYLVANIA.columns) + '"' for row in people
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def household_file(first_names: tuple[str, ...], surname: str, phone: str) -> bytes:
    """People who share one number, in a county of their own."""
    return file_of(
        person(first, surname, phone, born=f"0{number}/14/1971")
        for number, first in enumerate(first_names, start=1)
    )


async def open_small_bank(
    demo: Elsewhere, organizer: Organizer, file: bytes, name: str, *, county: str = "Cameron"
) -> str:
    """Import the file, and open a practice bank over its county; answers the bank's id."""
    campaign_id = await campaign_of(demo, organizer)
    started = await organizer.send(
        "POST",
        "/voters/imports",
        files={"file": ("CAMERON FVE 20261005.txt", file, "text/plain")},
        # A few people of the county, not all who are still on its file.
        data={"profile": "auto", "campaign_id": campaign_id, "extent": "part"},
    )

    async def done() -> bool:
        progress = await organizer.send("GET", f"/voters/imports/{started['import_id']}")
        assert progress["state"] == "done", progress
        assert progress["rows_rejected"] == 0, progress
        return True

    await eventually(done, deadline_seconds=30, saying="the small file is imported")
    universe = await organizer.send(
        "POST",
        "/voters/universes",
        json={
            "campaign_id": campaign_id,
            "name": name,
            "selection": {"counties": [county], "has_phone": True},
        },
    )
    async with httpx.AsyncClient(base_url=demo.url) as http:
        page = (await http.get("/identity/organizations/dvc-palo-alto")).json()
    bank = await organizer.send(
        "POST",
        "/queue/phone-banks",
        json={
            "campaign_id": campaign_id,
            "name": name,
            "candidate": "Ida Marlowe",
            "state": "PA",
            "purpose": "identification",
            "universe_id": universe["universe_id"],
            "practice": True,
            "organization_ids": [page["organization_id"]],
        },
    )
    place = f"/queue/phone-banks/{bank['bank_id']}"
    await organizer.send("PUT", f"{place}/script", json={"script": DEMO_SCRIPT})
    await organizer.send("POST", f"{place}/open", json={})
    bank_id: str = bank["bank_id"]
    return bank_id
