"""Results' composition root; the only file that sees everything."""

from fastapi import FastAPI

from libs.chassis.app import service_app
from libs.chassis.clock import Now
from libs.chassis.hot_routes import HotRoute
from libs.chassis.tickets import TicketOffice
from libs.chassis.vault import Vault
from libs.database import Database
from libs.eventstore.store import Log
from services.results.questions import Questions
from services.results.routes import calls, corrections, pages, recent_calls, tallies
from services.results.settings import ResultsSettings
from services.results.texts import Texts

ROUTERS = (
    calls.router,
    corrections.router,
    recent_calls.router,
    tallies.router,
    pages.router,
)


def create_app(
    settings: ResultsSettings | None = None,
    *,
    log: Log | None = None,
    database: Database | None = None,
    now: Now | None = None,
) -> FastAPI:
    """The web process of results."""
    chosen = settings or ResultsSettings()
    ticket_key = chosen.ticket_key.get_secret_value()

    async def opened(app: FastAPI) -> None:
        state = app.state
        state.ticket_office = TicketOffice(ticket_key)
        state.vault = Vault(chosen.voters_url or chosen.public_url, state.service_tokens, state.now)
        state.texts = Texts(state.vault, ticket_key.partition(",")[0])
        state.questions = Questions(state.database)

    async def closing(app: FastAPI) -> None:
        await app.state.vault.aclose()

    app = service_app(
        "results",
        chosen,
        ROUTERS,
        hot=(HotRoute("/results/calls", calls.record_call),),
        log=log,
        database=database,
        now=now,
        opened=opened,
        closing=closing,
    )
    app.mount(pages.PAGES.static_path, pages.PAGES.static_app(), name="static")
    return app
