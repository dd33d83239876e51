"""Voters' composition root: the only file that sees everything."""

from fastapi import FastAPI

from libs.chassis.app import service_app
from libs.chassis.clock import Now
from libs.database import Database
from libs.eventstore.store import Log
from services.voters.desk import desk_of
from services.voters.routes import erasures, imports, pages, previews, universes, vault
from services.voters.settings import VotersSettings

ROUTERS = (
    imports.router,
    previews.router,
    universes.router,
    vault.router,
    erasures.router,
    pages.router,
)


def create_app(
    settings: VotersSettings | None = None,
    *,
    log: Log | None = None,
    database: Database | None = None,
    now: Now | None = None,
) -> FastAPI:
    """The web process. Files are read by the importer, a process of its own."""
    chosen = settings or VotersSettings()

    async def opened(app: FastAPI) -> None:
        state = app.state
        state.desk = desk_of(chosen, state.log, state.database, state.now)
        await state.desk.prepare()

    app = service_app("voters", chosen, ROUTERS, log=log, database=database, now=now, opened=opened)
    app.mount(pages.PAGES.static_path, pages.PAGES.static_app(), name="static")
    return app
