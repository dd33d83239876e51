"""Ids only: nothing of the demo's people on the bus, in the logs, or in a log line."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from bench.callers import log_in, sign_up
from deploy.demo.voter_file import write_export
from deploy.embedded.elsewhere import Elsewhere
from deploy.embedded.setup import CALLER, ORGANIZER, VOTERS_DEFAULT
from libs.database import connect
from services.voters.domain.layout import SAMPLE_BYTES, recognise
from services.voters.domain.voter import ParsedVoter
from services.voters.domain.voter_file import read_rows
from tests.support.topic import read_topic
from tests.support.whole_house import practice_bank

pytestmark = pytest.mark.real

SERVICES = ("identity", "voters", "queue", "results", "gotv")
# A name that is also a word of the house (a city, a kind of call) proves nothing.
LETTERS_MIN = 6


def people_of_the_demo(folder: Path) -> set[str]:
    """Surnames, street addresses and numbers of everybody on the demo's file, and its log-ins."""
    path = folder / "demo.txt"
    write_export(path, rows=VOTERS_DEFAULT)
    with path.open("rb") as file:
        layout = recognise(file.read(SAMPLE_BYTES))
        file.seek(0)
        voters = [row for row in read_rows(file, layout) if isinstance(row, ParsedVoter)]
    told = {voter.last_name for voter in voters} | {voter.street_address for voter in voters}
    told |= {phone.e164.removeprefix("+1") for voter in voters for phone in voter.phones}
    for person in (ORGANIZER, CALLER):
        told |= {person["email"], person["last_name"], person["password"]}
    found = {text.lower() for text in told if len(text) >= LETTERS_MIN}
    assert len(found) > VOTERS_DEFAULT / 2
    return found


def named_in(text: str, people: set[str]) -> set[str]:
    """Who of `people` is named; by words and numbers, so that a long text costs little."""
    lowered = text.lower()
    return {person for person in people if person in lowered}


async def spoken_call(demo: Elsewhere) -> str:
    """A call with words about people in it: a note and hearsay."""
    caller = (await sign_up(demo.url, demo.mail_url, 1))[0]
    headers = {"authorization": f"Bearer {caller.token}", "idempotency-key": "privacy-1"}
    words = "Quietly told us of the Zebedee orchard"
    async with httpx.AsyncClient(base_url=demo.url, headers=headers, timeout=30) as http:
        bank_id = await practice_bank(demo)
        given = (await http.post(f"/queue/phone-banks/{bank_id}/assignments", json={})).json()
        results = [
            {
                "voter_id": voter["voter_id"],
                "disposition": "not_home",
                "answers": {},
                "notes": words,
                "hearsay": words,
            }
            for voter in given["voters"]
        ]
        answer = await http.post(
            "/results/calls",
            json={
                "ticket": given["ticket"],
                "spoke_with": "other",
                "results": results,
                "device_time": "2026-10-01T18:00:00Z",
            },
        )
        assert answer.status_code == httpx.codes.CREATED, answer.text
    return words


async def test_no_person_is_on_the_bus_or_in_the_log(house: Elsewhere, tmp_path: Path) -> None:
    people = await asyncio.to_thread(people_of_the_demo, tmp_path)
    people.add((await spoken_call(house)).lower())
    client = connect(house.addresses["MongoDB"])
    for service in SERVICES:
        records = await read_topic(house.addresses["Kafka"], f"{service}.events")
        assert records, service
        bus = b"\n".join(
            part
            for record in records
            for part in (record.key, record.value, *(value for _, value in record.headers))
        ).decode()
        assert named_in(bus, people) == set(), f"{service}.events"
        commits = await client[f"phonebank_{service}"]["commits"].find().to_list()
        log = json.dumps(commits, default=str)
        assert named_in(log, people) == set(), f"the log of {service}"
    await client.close()


async def test_no_person_is_in_a_log_line(house: Elsewhere, tmp_path: Path) -> None:
    people = await asyncio.to_thread(people_of_the_demo, tmp_path)
    organizer = await log_in(house.url, *house.accounts["Organizer"])
    assert organizer
    for path in sorted((house.folder / "logs").glob("*.log")):
        text = await asyncio.to_thread(path.read_text, "utf-8", "replace")
        assert named_in(text, people) == set(), path.name


async def test_no_person_lies_open_in_the_database(house: Elsewhere, tmp_path: Path) -> None:
    """The vault is sealed from the first row: no collection of any service tells a name."""
    people = await asyncio.to_thread(people_of_the_demo, tmp_path)
    client = connect(house.addresses["MongoDB"])
    for service in SERVICES:
        database = client[f"phonebank_{service}"]
        for name in await database.list_collection_names():
            rows = await database[name].find().to_list()
            text = "\n".join(map(repr, rows))
            assert named_in(text, people) == set(), f"{service}.{name}"
    await client.close()
