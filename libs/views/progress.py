"""How far each view and policy has come along each partition, kept in `view_state`."""

import asyncio
from collections.abc import Iterable

import structlog

from libs.database import Database, PyMongoError
from libs.views.patience import patiently

SAVE_SECONDS = 5.0

log = structlog.get_logger()


class Progress:
    """The next offset of each partition, by view or policy, saved every few seconds.

    It is never ahead of what is durable in the views, and may be behind: then records are read
    once more and change nothing. Several intakes of a process use one, at the same time.
    """

    def __init__(self, database: Database, names: Iterable[str]) -> None:
        self._state = database["view_state"]
        self._names = tuple(names)
        self._offsets: dict[str, dict[str, int]] = {name: {} for name in self._names}
        self._unsaved: dict[str, dict[str, int]] = {name: {} for name in self._names}
        self._asking = asyncio.Lock()

    def expected(self, name: str, label: str) -> int | None:
        """The offset that comes next; None when this view or policy never saw the partition."""
        return self._offsets[name].get(label)

    def reached(self, name: str, label: str, following: int) -> None:
        """Everything before the offset `following` is done."""
        if self._offsets[name].get(label) != following:
            self._offsets[name][label] = following
            self._unsaved[name][label] = following

    async def refresh(self) -> None:
        """Save what this process did, and read what others did."""
        await patiently(self._save, asking="progress")
        await patiently(self._load, asking="progress")

    async def keep_saved(self) -> None:
        """Run until cancelled."""
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            try:
                await self._save()
            except PyMongoError as error:
                log.warning("progress not saved", reason=type(error).__name__)

    async def close(self) -> None:
        """Save a last time."""
        await self._save()

    async def _load(self) -> None:
        async with self._asking:
            found = self._state.find({"_id": {"$in": list(self._names)}}, {"offsets": 1})
            async for state in found:
                name = state["_id"]
                # What was reached while this was asked is not known there yet.
                self._offsets[name] = dict(state.get("offsets", {})) | self._unsaved[name]

    async def _save(self) -> None:
        async with self._asking:
            for name in self._names:
                saving, self._unsaved[name] = self._unsaved[name], {}
                if not saving:
                    continue
                try:
                    await self._state.update_one(
                        {"_id": name},
                        {"$set": {f"offsets.{label}": saving[label] for label in saving}},
                        upsert=True,
                    )
                except BaseException:
                    self._unsaved[name] = saving | self._unsaved[name]
                    raise
