"""The frame of a service's web process: state, errors, health, metrics; routes are added."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from libs.chassis.clock import Now, server_clock
from libs.chassis.hot_routes import HotRoute, HotRoutes
from libs.chassis.logging import configure_logging
from libs.chassis.problems import Unavailable, install
from libs.chassis.revocations import Revocations
from libs.chassis.settings import Settings
from libs.chassis.tokens import ServiceTokens, Tokens
from libs.database import Client, Database, PyMongoError, connect
from libs.eventstore.mongo import MongoLog
from libs.eventstore.store import Log

READY_SECONDS_MAX = 2.0

Opener = Callable[[FastAPI], Awaitable[None]]


def service_app(
    service: str,
    settings: Settings,
    routers: Sequence[APIRouter],
    *,
    hot: Sequence[HotRoute] = (),
    log: Log | None = None,
    database: Database | None = None,
    now: Now | None = None,
    opened: Opener | None = None,
    closing: Opener | None = None,
) -> FastAPI:
    """A service's app; its lifespan opens what was not passed in.

    Routes find on `app.state`: settings, log (Log), database (Database), now (Now), tokens
    (Tokens), service_tokens (ServiceTokens), revocations (Revocations), background (TaskGroup).
    `hot` are routes of `routers` that callers wait for. `opened` and `closing` run inside the
    lifespan for what this service alone needs.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        configure_logging(service, settings.log_level)
        async with _stores(app, service, log, database), asyncio.TaskGroup() as background:
            app.state.background = background
            app.state.revocations = Revocations(app.state.database, app.state.now)
            refreshing = background.create_task(app.state.revocations.keep_fresh())
            if opened is not None:
                await opened(app)
            yield
            if closing is not None:
                await closing(app)
            refreshing.cancel()

    app = FastAPI(
        title=f"Phonebank {service}",
        openapi_url=f"/{service}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.now = now or server_clock(settings.clock_offset_seconds)
    app.state.tokens = Tokens(settings.token_key.get_secret_value())
    app.state.service_tokens = ServiceTokens(settings.service_key.get_secret_value(), service)
    install(app)
    if hot:
        app.add_middleware(HotRoutes, routes=hot)
    app.include_router(_operations(service))
    for router in routers:
        app.include_router(router)
    return app


@contextlib.asynccontextmanager
async def _stores(
    app: FastAPI, service: str, log: Log | None, database: Database | None
) -> AsyncIterator[None]:
    """Put the log and the database on `app.state`, opening those that were not passed in."""
    settings: Settings = app.state.settings
    async with contextlib.AsyncExitStack() as opened:
        if log is None:
            log = await opened.enter_async_context(_own_log(service, settings, database))
            if database is None:
                client = connect(settings.mongodb_url)
                opened.push_async_callback(client.close)
                database = client[settings.database(service)]
        app.state.database = database
        app.state.log = log
        yield


@contextlib.asynccontextmanager
async def _own_log(
    service: str, settings: Settings, database: Database | None
) -> AsyncIterator[MongoLog]:
    """The service's log: in `database`, else through a client that leaves retries to the log."""
    client: Client | None = None
    if database is None:
        client = connect(settings.mongodb_url, retry_writes=False)
        database = client[settings.database(service)]
    log = MongoLog(database, settings.topic(service), settings.partitions)
    try:
        await log.prepare()
        yield log
    finally:
        await log.close()
        if client is not None:
            await client.close()


def _operations(service: str) -> APIRouter:
    """livez, readyz and metrics; readyz asks the log only, for callers go on when Kafka is down."""
    router = APIRouter(prefix=f"/{service}", tags=["operations"])

    @router.get("/livez")
    async def read_livez() -> dict[str, str]:
        """The loop lives."""
        return {"status": "alive"}

    @router.get("/readyz")
    async def read_readyz(request: Request) -> dict[str, str]:
        """The log takes writes."""
        try:
            async with asyncio.timeout(READY_SECONDS_MAX):
                await request.app.state.log.ping()
        except (TimeoutError, PyMongoError) as error:
            raise Unavailable("The log does not answer.") from error
        return {"status": "ready"}

    @router.get("/metrics")
    async def read_metrics() -> Response:
        """Prometheus metrics of this process."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
