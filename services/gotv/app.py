"""Gotv's composition root; the only file that sees everything."""

from fastapi import FastAPI

from libs.chassis.app import service_app
from libs.chassis.clock import Now
from libs.chassis.vault import Vault
from libs.database import Database
from libs.eventstore.store import Log
from services.gotv.dashboard import Dashboards
from services.gotv.live import LiveStreams
from services.gotv.routes import dashboards, lists, pages, voters
from services.gotv.settings import GotvSettings

ROUTERS = (dashboards.router, lists.router, voters.router, pages.router)


def create_app(
    settings: GotvSettings | None = None,
    *,
    log: Log | None = None,
    database: Database | None = None,
    now: Now | None = None,
) -> FastAPI:
    """The web process of gotv."""
    chosen = settings or GotvSettings()

    async def opened(app: FastAPI) -> None:
        state = app.state
        state.vault = Vault(chosen.voters_url or chosen.public_url, state.service_tokens, state.now)
        state.dashboards = Dashboards(state.database, state.now, state.background)
        state.live = LiveStreams(state.background)

    async def closing(app: FastAPI) -> None:
        app.state.live.close()
        await app.state.vault.aclose()

    app = service_app(
        "gotv",
        chosen,
        ROUTERS,
        log=log,
        database=database,
        now=now,
        opened=opened,
        closing=closing,
    )
    app.mount(pages.PAGES.static_path, pages.PAGES.static_app(), name="static")
    return app
