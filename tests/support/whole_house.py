"""A whole demo for tests: one shared by the journeys, one of its own for a test that kills."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from deploy.embedded.elsewhere import Elsewhere, demo_elsewhere
from tests.support.backing import free_port

VERIFY_SECONDS_MAX = 120.0


@asynccontextmanager
async def whole_house(folder: Path, **environment: str) -> AsyncIterator[Elsewhere]:
    """A demo in `folder` on free ports."""
    parts = ("KAFKA", "KAFKA_CONTROLLER", "MONGODB", "SMTP", "MAIL")
    ports = {f"{part}_PORT": str(free_port()) for part in parts}
    async with demo_elsewhere(
        folder,
        free_port(),
        environment={**ports, **environment},
        ready_seconds=180,
    ) as demo:
        yield demo


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Elsewhere]:
    """One demo for all journeys; tests that change it use voters and banks of their own."""
    async with whole_house(tmp_path_factory.mktemp("house")) as demo:
        yield demo


async def practice_bank(demo: Elsewhere) -> str:
    """The demo's practice phone bank, which can be called at any hour."""
    async with httpx.AsyncClient(base_url=demo.url) as http:
        page = (await http.get("/queue/phone-banks?organization=dvc-palo-alto")).json()
    return next(
        str(bank["bank_id"]) for bank in page["phone_banks"] if bank["name"].startswith("Practice:")
    )


async def verify(demo: Elsewhere) -> tuple[int, str]:
    """The exit code and words of `deploy.verify` over this demo."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy.verify"),
        env={**os.environ, **demo.environment()},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(VERIFY_SECONDS_MAX):
        output, _ = await process.communicate()
    return process.returncode or 0, output.decode()
