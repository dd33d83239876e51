"""The importer's own process, killed in the middle: every row is there once, every figure right."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from libs.chassis.clock import server_clock
from libs.database import Database
from tests.support.backing import eventually
from tests.voters.exports import export
from tests.voters.house import CAMPAIGN, Clock, House, open_house

pytestmark = [pytest.mark.real, pytest.mark.chaos]

ROWS = 9_000


@contextlib.asynccontextmanager
async def importer(house: House, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m services.voters.importer` over the house's database; killed at the end."""
    settings = house.settings
    environment = os.environ | {
        "PHONEBANK_ENV": "test",
        "MONGODB_URL": settings.mongodb_url,
        "KAFKA_BOOTSTRAP": "unused:9092",
        "DATABASE_PREFIX": settings.database_prefix,
        "PUBLIC_URL": settings.public_url,
        "TOKEN_KEY": settings.token_key.get_secret_value(),
        "SERVICE_KEY": settings.service_key.get_secret_value(),
        "VAULT_KEY": settings.vault_key.get_secret_value(),
        "LINE_KEY": settings.line_key.get_secret_value(),
    }
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.voters.importer"),
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def test_killed_twice_and_started_again_it_repeats_no_row(
    database: Database, mongodb_url: str, tmp_path: Path
) -> None:
    written, content = export(tmp_path, ROWS)
    log = tmp_path / "importer.log"
    # Tokens are made at the processes' own time.
    clock = Clock(server_clock()())
    async with open_house(database, clock, mongodb_url) as house:
        import_id = (await house.upload(content)).json()["import_id"]

        async def rows_read() -> int:
            read: int = (await house.state(import_id))["rows_read"]
            return read

        before = 0
        for _ in range(2):
            async with importer(house, log) as running:
                await eventually(
                    partial(_at_least, rows_read, before + 500),
                    deadline_seconds=40,
                    saying=f"the importer reads on; {log.read_text()}",
                )
                running.send_signal(signal.SIGKILL)
                await running.wait()
            before = await rows_read()
            assert before < ROWS
        async with importer(house, log):
            await eventually(
                partial(_is, house, import_id, "done"),
                deadline_seconds=60,
                saying=f"the import is done; {log.read_text()}",
            )
        state = await house.state(import_id)
        figures = ("rows_read", "rows_kept", "rows_new", "rows_changed", "rows_rejected")
        expected = [ROWS, written.voters, written.voters, 0, written.rejected]
        assert [state[name] for name in figures] == expected
        await _every_row_is_there_once(house, written.voters, written.rejected)


async def test_killed_while_it_looks_through_a_file_it_looks_again_and_imports_nothing(
    database: Database, mongodb_url: str, tmp_path: Path
) -> None:
    written, content = export(tmp_path, ROWS)
    log = tmp_path / "importer.log"
    clock = Clock(server_clock()())
    async with open_house(database, clock, mongodb_url) as house:
        answer = await house.http.post(
            "/voters/imports",
            headers=house.headers(),
            files={"file": ("export.txt", content, "text/plain")},
            data={"campaign_id": CAMPAIGN, "preview": "true"},
        )
        import_id = answer.json()["import_id"]

        async def rows_checked() -> int:
            checked: int = (await house.state(import_id))["rows_checked"]
            return checked

        async with importer(house, log) as running:
            await eventually(
                partial(_at_least, rows_checked, 1),
                deadline_seconds=40,
                saying=f"the importer looks through it; {log.read_text()}",
            )
            running.send_signal(signal.SIGKILL)
            await running.wait()
        async with importer(house, log):
            await eventually(
                partial(_is, house, import_id, "preview"),
                deadline_seconds=60,
                saying=f"it waits for a human; {log.read_text()}",
            )
            assert await rows_checked() == ROWS
            assert not await house.facts("voter-imported")
            assert len(await house.facts("voter-file-import-held")) == 1
            path = f"/voters/imports/{import_id}/confirm"
            assert (await house.http.post(path, headers=house.headers())).status_code == 202
            await eventually(
                partial(_is, house, import_id, "done"),
                deadline_seconds=90,
                saying=f"the import is done; {log.read_text()}",
            )
        await _every_row_is_there_once(house, written.voters, written.rejected)


async def _every_row_is_there_once(house: House, voters: int, rejected: int) -> None:
    facts = await house.facts("voter-imported")
    voter_ids = [fact["voter_id"] for fact in facts]
    assert len(voter_ids) == len(set(voter_ids)) == voters
    assert {fact["person_version"] for fact in facts} == {1}
    assert not await house.facts("voter-changed")
    assert len(await house.facts("voter-file-imported")) == 1
    assert await house.database["import_rejected"].count_documents({}) == rejected
    people = {row["_id"] async for row in house.database["people"].find({}, {"_id": 1})}
    assert people == {f"{CAMPAIGN}/{voter_id}" for voter_id in voter_ids}
    cards = await house.cards(voter_ids[:1_000])
    assert set(cards) == set(voter_ids[:1_000])


async def test_it_ends_quietly_when_it_is_told_to(
    database: Database, mongodb_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "importer.log"
    clock = Clock(datetime(2026, 10, 5, 12, tzinfo=UTC))
    async with open_house(database, clock, mongodb_url) as house, importer(house, log) as running:
        await eventually(
            lambda: _says(log, "importer started"), deadline_seconds=30, saying="it starts"
        )
        running.terminate()
        assert await asyncio.wait_for(running.wait(), 20) == 0


async def _at_least(count: Callable[[], Awaitable[int]], least: int) -> bool:
    return await count() >= least


async def _is(house: House, import_id: str, state: str) -> bool:
    return bool((await house.state(import_id))["state"] == state)


async def _says(log: Path, words: str) -> bool:
    return words in await asyncio.to_thread(log.read_text)
