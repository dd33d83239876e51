"""Identity's composition root: the only file that sees everything."""

import asyncio

import structlog
from fastapi import FastAPI

from libs.chassis.app import service_app
from libs.chassis.clock import Now
from libs.chassis.vault import Vault
from libs.database import Database, PyMongoError
from libs.eventstore.store import Log
from services.identity.desk import Desk, desk_of
from services.identity.own_lines import NumberVault
from services.identity.routes import (
    callers,
    campaigns,
    entrance,
    exchange,
    invitations,
    keys,
    organizations,
    pages,
    passwords,
    sessions,
    setup,
    team,
    you,
)
from services.identity.routes.shell import PAGES
from services.identity.settings import IdentitySettings

PURGE_SECONDS = 3_600

_log = structlog.get_logger()

ROUTERS = (
    setup.router,
    callers.router,
    you.router,
    passwords.router,
    invitations.router,
    sessions.router,
    exchange.router,
    organizations.router,
    campaigns.router,
    keys.router,
    entrance.router,
    team.router,
    pages.router,
)


def create_app(
    settings: IdentitySettings | None = None,
    *,
    log: Log | None = None,
    database: Database | None = None,
    now: Now | None = None,
    vault: NumberVault | None = None,
) -> FastAPI:
    """The web process. `app.state.exchange` is the session exchange for the front door.

    `vault` stands in for the vault of `voters` where there is none to ask.
    """
    chosen = settings or IdentitySettings()
    purging: list[asyncio.Task[None]] = []

    async def opened(app: FastAPI) -> None:
        state = app.state
        voters_url = chosen.voters_url or chosen.public_url
        state.vault = vault or Vault(voters_url, state.service_tokens, state.now)
        state.desk = desk_of(
            chosen,
            log=state.log,
            database=state.database,
            tokens=state.tokens,
            revocations=state.revocations,
            now=state.now,
            vault=state.vault,
        )
        await state.desk.sessions.prepare()
        await state.desk.records.prepare()
        state.exchange = state.desk.sessions.exchange
        purging.append(state.background.create_task(_purge(state.desk, state.now)))

    async def closing(app: FastAPI) -> None:
        purging.pop().cancel()
        app.state.desk.passwords.close()
        if isinstance(app.state.vault, Vault):
            await app.state.vault.aclose()

    app = service_app(
        "identity",
        chosen,
        ROUTERS,
        log=log,
        database=database,
        now=now,
        opened=opened,
        closing=closing,
    )
    app.mount(PAGES.static_path, PAGES.static_app(), name="static")
    return app


async def _purge(desk: Desk, now: Now) -> None:
    """Forget sessions that ended by themselves, every hour."""
    running = asyncio.current_task()
    while True:
        try:
            await desk.sessions.purge(now())
        except PyMongoError as error:
            _log.warning("ended sessions not purged", error=type(error).__name__)
        # PyMongo may answer a cancellation with an error of its own.
        if running is not None and running.cancelling():
            return
        await asyncio.sleep(PURGE_SECONDS)
