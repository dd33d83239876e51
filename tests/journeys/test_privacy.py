"""Ids only: nothing of the demo's people on the bus, in the logs, or in a log line."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from bench.callers import log_in, sign_up
from deploy.demo.voter_file import write_export
from deploy.embedded.elsewhere import Elsewhere
from deploy.embedded.setup import CALLER, ORGANIZER, VOTERS_DEFAULT
from libs.database import Client, connect
from services.voters.domain.layout import SAMPLE_BYTES, recognise
from services.voters.domain.voter import ParsedVoter
from services.voters.domain.voter_file import read_rows
from tests.support.backing import eventually
from tests.support.topic import read_topic
from tests.support.whole_house import practice_bank

pytestmark = pytest.mark.real

SERVICES = ("identity", "voters", "queue", "results", "gotv")
LETTERS_MIN = 7
NUMBER_DIGITS = 10
# Words of a log-in that everybody may read elsewhere.
WORDS_OF_THE_HOUSE = {"organizer", "organizes", "example", "correct", "battery", "washington"}


def people_of_the_demo(folder: Path) -> set[str]:
    """Surnames and numbers of everybody on the demo's file, and what its log-ins are made of."""
    path = folder / "demo.txt"
    write_export(path, rows=VOTERS_DEFAULT)
    with path.open("rb") as file:
        layout = recognise(file.read(SAMPLE_BYTES))
        file.seek(0)
        voters = [row for row in read_rows(file, layout) if isinstance(row, ParsedVoter)]
    told = {voter.last_name for voter in voters} | {voter.street for voter in voters}
    told |= {phone.e164[-NUMBER_DIGITS:] for voter in voters for phone in voter.phones}
    for person in (ORGANIZER, CALLER):
        told |= {person["email"], person["last_name"], person["password"]}
    found = {word for text in told for word in words_in(text) if len(word) >= LETTERS_MIN}
    assert len(found) > VOTERS_DEFAULT / 4
    return found - WORDS_OF_THE_HOUSE


def words_in(text: str) -> set[str]:
    """Runs of letters, and the last ten digits of long numbers, in lower case."""
    letters = set(re.findall(r"[a-z']+", text.lower()))
    return letters | {run[-NUMBER_DIGITS:] for run in re.findall(r"\d{10,}", text)}


def named_in(text: str, people: set[str]) -> set[str]:
    """Who of `people` is named, as whole words."""
    return words_in(text) & people


async def spoken_call(demo: Elsewhere) -> str:
    """A call with words about people in it: a note and hearsay."""
    caller = (await sign_up(demo.url, demo.mail_url, 1))[0]
    headers = {"authorization": f"Bearer {caller.token}", "idempotency-key": "privacy-1"}
    words = "Quietly told us of the zebedeean orchard"
    async with httpx.AsyncClient(base_url=demo.url, headers=headers, timeout=30) as http:
        bank_id = await practice_bank(demo)
        given = (await http.post(f"/queue/phone-banks/{bank_id}/assignments", json={})).json()
        speaker = given["voters"][0]["voter_id"]
        results = [
            {
                "voter_id": voter["voter_id"],
                "disposition": "canvassed" if voter["voter_id"] == speaker else "not_home",
                "answers": {"support": 1} if voter["voter_id"] == speaker else {},
                "notes": words,
                "hearsay": words if voter["voter_id"] != speaker else "",
            }
            for voter in given["voters"]
        ]
        answer = await http.post(
            "/results/calls",
            json={
                "ticket": given["ticket"],
                "spoke_with": speaker,
                "results": results,
                "device_time": "2026-10-01T18:00:00Z",
            },
        )
        assert answer.status_code == httpx.codes.CREATED, answer.text
    return words


async def told_on(demo: Elsewhere, topic: str) -> str:
    """Keys, values and headers of every record of a topic, as one text."""
    records = await read_topic(demo.addresses["Kafka"], topic)
    return b"\n".join(
        part
        for record in records
        for part in (record.key, record.value, *(value for _, value in record.headers))
    ).decode()


@pytest.fixture
async def client(house: Elsewhere) -> AsyncIterator[Client]:
    opened = connect(house.addresses["MongoDB"])
    yield opened
    await opened.close()


async def test_no_person_is_on_the_bus_or_in_the_log(
    house: Elsewhere, client: Client, tmp_path: Path
) -> None:
    people = await asyncio.to_thread(people_of_the_demo, tmp_path)
    people |= words_in(await spoken_call(house)) - {"quietly", "told", "us", "of", "the"}
    for service in SERVICES:
        bus = await eventually(
            partial(told_on, house, f"{service}.events"),
            deadline_seconds=30,
            saying=f"facts of {service}",
        )
        assert named_in(bus, people) == set(), f"{service}.events"
        commits = await client[f"phonebank_{service}"]["commits"].find().to_list()
        log = json.dumps(commits, default=str)
        assert named_in(log, people) == set(), f"the log of {service}"


async def test_no_person_is_in_a_log_line(house: Elsewhere, tmp_path: Path) -> None:
    people = await asyncio.to_thread(people_of_the_demo, tmp_path)
    organizer = await log_in(house.url, *house.accounts["Organizer"])
    assert organizer
    for path in sorted((house.folder / "logs").glob("*.log")):
        text = await asyncio.to_thread(path.read_text, "utf-8", "replace")
        assert named_in(text, people) == set(), path.name


async def test_no_person_lies_open_in_the_database(client: Client, tmp_path: Path) -> None:
    """The vault is sealed from the first row: no collection of any service tells a name."""
    people = await asyncio.to_thread(people_of_the_demo, tmp_path)
    for service in SERVICES:
        database = client[f"phonebank_{service}"]
        for name in await database.list_collection_names():
            rows = await database[name].find().to_list()
            text = "\n".join(map(repr, rows))
            assert named_in(text, people) == set(), f"{service}.{name}"
