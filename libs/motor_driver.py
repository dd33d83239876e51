"""The log and the views through Motor, for a house that still runs it: `MONGO_DRIVER=motor`."""

from typing import Any

from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)

# Motor and PyMongo's async API take the same calls with a few exceptions, and only those are
# written down here. Whatever is not goes to Motor as it is.


class MotorSession:
    """A session that is asked for without waiting, and begun by the first command in it."""

    def __init__(self, client: AsyncIOMotorClient[Any]) -> None:
        self._client = client
        self._session: AsyncIOMotorClientSession | None = None

    async def begun(self) -> AsyncIOMotorClientSession:
        """Motor's own session."""
        if self._session is None:
            self._session = await self._client.start_session()
        return self._session

    async def end_session(self) -> None:
        """Let the session go, if it was ever begun."""
        if self._session is not None:
            await self._session.end_session()


class MotorCollection:
    """A collection whose `aggregate` is awaited, as PyMongo's is."""

    def __init__(self, collection: AsyncIOMotorCollection[Any]) -> None:
        self._collection = collection

    async def aggregate(self, *args: Any, **kwargs: Any) -> Any:
        """The cursor."""
        return self._collection.aggregate(*args, **kwargs)

    def with_options(self, *args: Any, **kwargs: Any) -> "MotorCollection":
        """The same collection with other concerns."""
        return MotorCollection(self._collection.with_options(*args, **kwargs))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._collection, name)


class MotorDatabase:
    """A database whose commands take our sessions."""

    def __init__(self, database: AsyncIOMotorDatabase[Any], client: "MotorClient") -> None:
        self._database = database
        self.client = client

    def __getitem__(self, name: str) -> MotorCollection:
        return MotorCollection(self._database[name])

    def get_collection(self, *args: Any, **kwargs: Any) -> MotorCollection:
        """A collection with concerns of its own."""
        return MotorCollection(self._database.get_collection(*args, **kwargs))

    async def command(
        self,
        command: str | dict[str, Any],
        value: Any = 1,
        *,
        session: MotorSession | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """The server's answer."""
        begun = await session.begun() if session is not None else None
        return await self._database.command(command, value, session=begun, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


class MotorClient:
    """A client with the shape of PyMongo's async one, as far as this house asks for it."""

    def __init__(self, url: str, **options: Any) -> None:
        self._client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(url, **options)

    def __getitem__(self, name: str) -> MotorDatabase:
        return MotorDatabase(self._client[name], self)

    def start_session(self) -> MotorSession:
        """A session; nothing is sent yet."""
        return MotorSession(self._client)

    async def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)
