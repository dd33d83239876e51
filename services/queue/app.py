"""The queue's composition root: the only file that sees everything."""

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any, TypeVar

from fastapi import FastAPI

from libs.chassis.app import service_app
from libs.chassis.clock import Now
from libs.chassis.hot_routes import HotRoute
from libs.chassis.tickets import TicketOffice
from libs.chassis.vault import Vault
from libs.database import Database
from libs.eventstore.store import Log
from services.queue.entries import Cards
from services.queue.handout import Handout
from services.queue.live import LiveAssignments
from services.queue.routes import (
    assignments,
    evening,
    organizing,
    pages,
    phone_banks,
    scripts,
    set_up,
)
from services.queue.settings import QueueSettings

CLOSING_SECONDS_MAX = 5.0

Answer = TypeVar("Answer")

ROUTERS = (
    assignments.router,
    evening.router,
    phone_banks.router,
    organizing.router,
    scripts.router,
    pages.router,
    set_up.router,
)
HOT = (
    HotRoute("/queue/phone-banks/{bank_id}/assignments", assignments.assign_next_voter),
    HotRoute("/queue/assignments/{assignment_id}/heartbeat", assignments.extend_assignment),
)


def create_app(
    settings: QueueSettings | None = None,
    *,
    log: Log | None = None,
    database: Database | None = None,
    now: Now | None = None,
    vault: Cards | None = None,
) -> FastAPI:
    """The web process. `vault` stands in for the vault of `voters` where there is none to ask."""
    chosen = settings or QueueSettings()
    tasks: set[asyncio.Task[Any]] = set()
    for_ever: list[asyncio.Task[None]] = []

    def background(work: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
        task = asyncio.get_running_loop().create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return task

    async def opened(app: FastAPI) -> None:
        state = app.state
        state.ticket_office = TicketOffice(chosen.ticket_key.get_secret_value())
        state.vault = vault or Vault(chosen.vault_url, state.service_tokens, state.now)
        state.handout = Handout(
            state.log,
            state.database,
            state.vault,
            state.now,
            background,
            voters_per_hour_max=chosen.pace_max,
        )
        await state.handout.prepare()
        state.live = LiveAssignments(state.log)
        for_ever.extend(
            (background(state.handout.keep_tidy()), background(state.live.keep_looking()))
        )

    async def closing(app: FastAPI) -> None:
        for task in for_ever:
            task.cancel()
        # A question under way is let to its end: cutting it off would leave its connection open.
        await _ended(tasks)
        app.state.handout.close()
        await _ended(tasks)
        if isinstance(app.state.vault, Vault):
            await app.state.vault.aclose()

    app = service_app(
        "queue",
        chosen,
        ROUTERS,
        hot=HOT,
        log=log,
        database=database,
        now=now,
        opened=opened,
        closing=closing,
    )
    app.mount(pages.PAGES.static_path, pages.PAGES.static_app(), name="static")
    return app


async def _ended(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Wait for the tasks to end, but not for ever."""
    if tasks:
        await asyncio.wait(tasks, timeout=CLOSING_SECONDS_MAX)
