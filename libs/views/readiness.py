"""Whether a view's collection is complete, so that a worker goes on with it, or to be rebuilt."""

import asyncio
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from libs.database import Database, Document, DuplicateKeyError, PyMongoError
from libs.views.patience import patiently

CHECK_SECONDS = 5.0
CLEARING_SECONDS_MAX = 60.0
LOOK_SECONDS = 0.25

_CLEARING = "clearing"

log = structlog.get_logger()


class ViewReplaced(RuntimeError):
    """A view's collection was dropped under a running worker, which must start anew and rebuild."""


class Readiness:
    """The marks of a service's views in `view_state`: `{_id, uuid, ready_at, offsets}`.

    A mark holds for one incarnation of the collection (its UUID): dropping a view is enough to
    have it rebuilt at the next start. Of several workers one clears, the others wait.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._state = database["view_state"]
        self._now = now
        self._opened: dict[str, str] = {}

    async def open(self, name: str) -> bool:
        """Make the collection if need be. Whether it is complete; if not, it is to be rebuilt."""
        # One for all tries: whoever took the clearing and did not hear so knows it by this.
        token = uuid.uuid4().hex
        while True:
            incarnation, ready = await patiently(lambda: self._try_open(name, token), asking=name)
            if incarnation is not None:
                self._opened[name] = incarnation
                return ready
            await asyncio.sleep(LOOK_SECONDS)

    async def complete(self, name: str, offsets: Mapping[str, int]) -> None:
        """The view holds everything before these offsets (by partition label)."""
        done: Document = {"ready_at": self._now()}
        done |= {f"offsets.{label}": offset for label, offset in offsets.items()}
        mine = {"_id": name, "uuid": self._opened[name]}
        await patiently(lambda: self._state.update_one(mine, {"$set": done}), asking=name)

    async def watch(self) -> None:
        """Run until cancelled; raises ViewReplaced when a view is no longer the one opened."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                for name, incarnation in self._opened.items():
                    if await self._incarnation(name) != incarnation:
                        raise ViewReplaced(name)
            except PyMongoError as error:
                log.warning("views not looked at", reason=type(error).__name__)

    async def _try_open(self, name: str, token: str) -> tuple[str | None, bool]:
        incarnation = await self._made(name)
        mark = await self._state.find_one({"_id": name}) or {}
        marked = mark.get("uuid")
        if marked == incarnation:
            return incarnation, "ready_at" in mark
        if marked is None:
            return await self._mark_first(name, incarnation), False
        others = marked == _CLEARING and mark["token"] != token
        if others and mark["clearing_at"] > self._stale_before():
            return None, False
        return await self._clear(name, mark, token), False

    async def _mark_first(self, name: str, incarnation: str) -> str | None:
        unmarked = {"_id": name, "uuid": {"$exists": False}}
        try:
            await self._state.update_one(unmarked, {"$set": {"uuid": incarnation}}, upsert=True)
        except DuplicateKeyError:
            return None
        return incarnation

    async def _clear(self, name: str, mark: Document, token: str) -> str | None:
        """Begin with no rows, for those written since the drop lack their past. None: not ours."""
        as_found: Document = {key: mark[key] for key in ("_id", "uuid", "token") if key in mark}
        taken = await self._state.update_one(
            as_found,
            {
                "$set": {"uuid": _CLEARING, "token": token, "clearing_at": self._now()},
                "$unset": {"ready_at": "", "offsets": ""},
            },
        )
        if not taken.matched_count:
            return None
        log.warning("view was dropped, begins anew", view=name)
        await self._database[name].drop()
        await self._database["parked"].delete_many({"view": name})
        incarnation = await self._made(name)
        await self._state.update_one(
            {"_id": name, "token": token}, {"$set": {"uuid": incarnation}, "$unset": {"token": ""}}
        )
        return incarnation

    async def _made(self, name: str) -> str:
        incarnation = await self._incarnation(name)
        if incarnation is None:
            await self._database.command("create", name, check=True, allowable_errors=[48])
            incarnation = await self._incarnation(name)
        return str(incarnation)

    async def _incarnation(self, name: str) -> str | None:
        cursor = await self._database.list_collections(filter={"name": name})
        found = await cursor.to_list()
        return str(found[0]["info"]["uuid"]) if found else None

    def _stale_before(self) -> datetime:
        return self._now() - timedelta(seconds=CLEARING_SECONDS_MAX)
