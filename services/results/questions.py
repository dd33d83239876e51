"""The questions of the scripts that callers are working with, kept in memory: they never change."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from libs.database import Database
from services.results.domain.answers import Meanings, Question
from services.results.views.scripts import read_questions

_VERSIONS_MAX = 1_000
# A script that was just published is with us in a second, and the first calls by it are sooner.
WAIT_SECONDS_MAX = 2.0
LOOK_SECONDS = 0.1
# While the bus is away callers wait for a version once in so long, not with every result.
IN_VAIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a version of a script asks: by id for reading answers, in order for showing them."""

    questions: Mapping[str, Question]
    meanings: Meanings
    shown: tuple[dict[str, Any], ...]


class Questions:
    """Reads each version of a script once; one that has not reached us is asked for again."""

    def __init__(self, database: Database | None) -> None:
        self._database = database
        self._known: OrderedDict[tuple[str, int], Sheet] = OrderedDict()
        self._in_vain: dict[tuple[str, int], float] = {}

    async def of(self, bank_id: str, version: int) -> Mapping[str, Question] | None:
        """The questions by id, waiting a moment for a version that is on its way.

        None while it has not reached us: what was answered is then kept as words, in the vault.
        """
        sheet = await self.sheet(bank_id, version)
        if sheet is None and self._database is not None:
            sheet = await self._awaited(bank_id, version)
        return None if sheet is None else sheet.questions

    async def _awaited(self, bank_id: str, version: int) -> Sheet | None:
        clock = asyncio.get_running_loop().time
        now = clock()
        self._in_vain = {each: until for each, until in self._in_vain.items() if until > now}
        if (bank_id, version) in self._in_vain:
            return None
        while clock() < now + WAIT_SECONDS_MAX:
            await asyncio.sleep(LOOK_SECONDS)
            if sheet := await self.sheet(bank_id, version):
                return sheet
        self._in_vain[bank_id, version] = clock() + IN_VAIN_SECONDS
        return None

    async def sheet(self, bank_id: str, version: int) -> Sheet | None:
        """All that this version asks; None while it has not reached us."""
        known = self._known.get((bank_id, version))
        if known is not None or self._database is None:
            return known
        rows = await read_questions(self._database, bank_id, version)
        if rows is None:
            return None
        meant = {row["meaning"]: row["id"] for row in rows if row["meaning"]}
        sheet = Sheet(
            questions={
                row["id"]: Question(
                    row["kind"], tuple(option["value"] for option in row["options"])
                )
                for row in rows
            },
            meanings=Meanings(meant.get("support"), meant.get("volunteer")),
            shown=tuple(rows),
        )
        self._known[bank_id, version] = sheet
        if len(self._known) > _VERSIONS_MAX:
            self._known.popitem(last=False)
        return sheet
