"""A list of a few made-up voters, with one or two numbers each, and a phone bank over them."""

import csv
import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from deploy.demo.script import DEMO_SCRIPT
from deploy.embedded.elsewhere import Elsewhere
from tests.journeys.small_bank import Organizer, campaign_of
from tests.support.backing import eventually

COLUMNS = (
    "Voter File VANID",
    "LastName",
    "FirstName",
    "Age",
    "Party",
    "City",
    "State",
    "Zip5",
    "County",
    "HomePhone",
    "CellPhone",
)


@dataclass(frozen=True)
class Place:
    """Where voters live: what their zone follows from."""

    city: str
    state: str
    zip: str
    county: str


EMPORIUM = Place("Emporium", "PA", "15834", "Cameron")
LOUISVILLE = Place("Louisville", "KY", "40202", "Jefferson")
PADUCAH = Place("Paducah", "KY", "42001", "McCracken")
HILO = Place("Hilo", "HI", "96720", "Hawaii")


@dataclass(frozen=True)
class Listed:
    """A voter on the list."""

    first: str
    last: str
    home: str
    cell: str = ""
    place: Place = EMPORIUM

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


def van_list(people: Sequence[Listed]) -> bytes:
    """A VAN list export of these voters."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    for each in people:
        where = each.place
        about = (str(secrets.randbelow(10**9)), each.last, each.first, "52", "D")
        rows.writerow(
            (*about, where.city, where.state, where.zip, where.county, each.home, each.cell)
        )
    return file.getvalue().encode()


async def import_list(organizer: Organizer, campaign_id: str, people: Sequence[Listed]) -> None:
    """Import the list, and wait until it is done."""
    started = await organizer.send(
        "POST",
        "/voters/imports",
        files={"file": ("list.csv", van_list(people), "text/csv")},
        data={"profile": "van-list-export", "campaign_id": campaign_id},
    )

    async def done() -> bool:
        progress = await organizer.send("GET", f"/voters/imports/{started['import_id']}")
        assert progress["state"] == "done", progress
        assert progress["rows_rejected"] == 0, progress
        return True

    await eventually(done, deadline_seconds=30, saying="the list is imported")


async def open_bank(
    demo: Elsewhere, organizer: Organizer, people: Sequence[Listed], name: str, **settings: Any
) -> str:
    """Import the list, and open a phone bank over its counties; answers the bank's id."""
    campaign_id = await campaign_of(demo, organizer)
    await import_list(organizer, campaign_id, people)
    state = people[0].place.state
    universe = await organizer.send(
        "POST",
        "/voters/universes",
        json={
            "campaign_id": campaign_id,
            "name": name,
            "selection": {
                "state": state,
                "counties": sorted({each.place.county for each in people}),
                "has_phone": True,
            },
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
            "state": state,
            "purpose": "identification",
            "universe_id": universe["universe_id"],
            "organization_ids": [page["organization_id"]],
        }
        | settings,
    )
    bank_id: str = bank["bank_id"]
    place = f"/queue/phone-banks/{bank_id}"
    await organizer.send("PUT", f"{place}/script", json={"script": DEMO_SCRIPT})
    await organizer.send("POST", f"{place}/open", json={})

    async def is_known() -> bool:
        found = await organizer.send("GET", "/queue/phone-banks?organization=dvc-palo-alto")
        opening = {each["bank_id"]: each["next_opening"] for each in found["phone_banks"]}
        return opening.get(bank_id) is not None

    await eventually(is_known, deadline_seconds=60, saying="the queue has heard of the voters")
    return bank_id
