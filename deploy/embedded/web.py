"""One web process with the five services on one origin: what a gateway does in a cluster."""

import contextlib
from collections.abc import AsyncIterator, Mapping

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.front_door import behind_the_door, service_at
from libs.chassis.memory import settle_memory
from libs.chassis.settings import Settings
from services.gotv.app import create_app as create_gotv
from services.identity.app import create_app as create_identity
from services.queue.app import create_app as create_queue
from services.results.app import create_app as create_results
from services.voters.app import create_app as create_voters


def create_web() -> ASGIApp:
    """The front door around the five apps, from the environment."""
    settings = Settings()
    identity = create_identity()
    apps = {
        "identity": identity,
        "voters": create_voters(),
        "queue": create_queue(),
        "results": create_results(),
        "gotv": create_gotv(),
    }

    async def exchange(opaque: str) -> str | None:
        signed: str | None = await identity.state.exchange(opaque)
        return signed

    return behind_the_door(
        OneOrigin(apps),
        exchange,
        public_url=settings.public_url,
        production=settings.phonebank_env == "production",
    )


class OneOrigin:
    """Hands each request to the service that its path names."""

    def __init__(self, apps: Mapping[str, FastAPI]) -> None:
        self._apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        await self._apps[service_at(scope["path"])](scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self._open():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except BaseException as error:
            await send({"type": "lifespan.startup.failed", "message": repr(error)})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    @contextlib.asynccontextmanager
    async def _open(self) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for app in self._apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            settle_memory()
            yield
