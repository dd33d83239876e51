"""Defines universes: the voters of a selection, frozen, then recorded as facts of their ids.

The ids are written down first, so that a repeat after a crash completes the same universe even if
an import has changed the file meanwhile. Ids are no personal data.
"""

import hashlib
from typing import Any

from libs.database import Document
from libs.eventstore.store import IdempotencyKeyReused, Meta, Request, handle
from services.voters.desk import Desk
from services.voters.domain.errors import UniverseEmpty
from services.voters.domain.universe import (
    UNIVERSE,
    DefineUniverse,
    EnterVoters,
    stream_of,
)
from services.voters.selection import Selection, funnel

# As many as one commit takes without growing too large for the change stream.
VOTERS_PER_COMMIT = 50_000


class UniverseBook:
    """Writes universes down, and makes them facts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._drafts = desk.database["universe_drafts"]
        self._pages = desk.database["universe_pages"]

    async def define(
        self, campaign_id: str, name: str, selection: Selection, request: Request
    ) -> dict[str, Any]:
        """Define it under the command's id; the same command again answers alike.

        Raises UniverseEmpty and IdempotencyKeyReused.
        """
        universe_id = request.commit_id
        draft = await self._drafts.find_one({"_id": universe_id})
        if draft is None:
            draft = await self._write_down(campaign_id, selection, request)
        if draft["fingerprint"] != request.meta.fingerprint:
            raise IdempotencyKeyReused
        first = await self._page(universe_id, 0)
        command = DefineUniverse(
            campaign_id=campaign_id,
            universe_id=universe_id,
            name=name,
            selection=selection.as_json(),
            funnel=tuple(draft["funnel"]),
            voters=draft["voters"],
            voter_ids=first,
        )
        stream = stream_of(universe_id)
        await handle(self._desk.log, UNIVERSE, stream, command, request)
        if draft["pages"] > 1:
            await self._enter_the_rest(universe_id, draft["pages"], request.meta)
        return {
            "universe_id": universe_id,
            "voters": draft["voters"],
            "funnel": draft["funnel"],
        }

    async def read(self, universe_id: str) -> dict[str, Any] | None:
        """A universe as the log has it now."""
        history = await self._desk.log.read(stream_of(universe_id))
        universe = UNIVERSE.fold(history.facts)
        defined = universe.defined
        if defined is None:
            return None
        return {
            "universe_id": universe_id,
            "campaign_id": defined.campaign_id,
            "name": defined.name,
            "selection": defined.selection,
            "voters": len(universe.members),
            "funnel": list(defined.funnel),
        }

    async def _write_down(
        self, campaign_id: str, selection: Selection, request: Request
    ) -> Document:
        """Funnel and members; the draft itself last, so that it is whole once it is there."""
        universe_id = request.commit_id
        year = self._desk.now().year
        steps = await funnel(self._desk.selectable, campaign_id, selection, year)
        query = selection.query(campaign_id, year)
        pages = voters = 0
        async for voter_ids in self._desk.selectable.voter_ids(query, VOTERS_PER_COMMIT):
            page = {"_id": f"{universe_id}/{pages:06}", "voter_ids": list(voter_ids)}
            await self._pages.replace_one({"_id": page["_id"]}, page, upsert=True)
            pages, voters = pages + 1, voters + len(voter_ids)
        if not voters:
            raise UniverseEmpty(funnel=steps)
        draft = {
            "_id": universe_id,
            "fingerprint": request.meta.fingerprint,
            "pages": pages,
            "voters": voters,
            "funnel": steps,
        }
        await self._drafts.replace_one({"_id": universe_id}, draft, upsert=True)
        return draft

    async def _enter_the_rest(self, universe_id: str, pages: int, meta: Meta) -> None:
        stream = stream_of(universe_id)
        for number in range(1, pages):
            named = hashlib.blake2b(f"universe\0{universe_id}\0{number}".encode(), digest_size=16)
            request = Request(named.hexdigest(), meta)
            command = EnterVoters(await self._page(universe_id, number))
            await handle(self._desk.log, UNIVERSE, stream, command, request)

    async def _page(self, universe_id: str, number: int) -> tuple[str, ...]:
        page = await self._pages.find_one({"_id": f"{universe_id}/{number:06}"})
        return tuple(page["voter_ids"]) if page else ()
