"""The questions of the scripts that callers are working with, kept in memory: they never change."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from libs.database import Database
from services.results.domain.answers import Meanings, Question
from services.results.views.scripts import read_questions

_VERSIONS_MAX = 1_000


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

    async def of(self, bank_id: str, version: int) -> Mapping[str, Question] | None:
        """The questions by id; None while this version has not reached us."""
        sheet = await self.sheet(bank_id, version)
        return None if sheet is None else sheet.questions

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
