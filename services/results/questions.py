"""The questions of the scripts that callers are working with, kept in memory: they never change."""

from collections import OrderedDict
from collections.abc import Mapping

from libs.database import Database
from services.results.domain.answers import Question
from services.results.views.scripts import read_questions

_VERSIONS_MAX = 1_000


class Questions:
    """Reads each version of a script once; one that has not reached us is asked for again."""

    def __init__(self, database: Database | None) -> None:
        self._database = database
        self._known: OrderedDict[tuple[str, int], Mapping[str, Question]] = OrderedDict()

    async def of(self, bank_id: str, version: int) -> Mapping[str, Question] | None:
        """The questions by id; None while this version has not reached us."""
        known = self._known.get((bank_id, version))
        if known is not None or self._database is None:
            return known
        rows = await read_questions(self._database, bank_id, version)
        if rows is None:
            return None
        questions = {row["id"]: Question(row["kind"], tuple(row["values"])) for row in rows}
        self._known[bank_id, version] = questions
        if len(self._known) > _VERSIONS_MAX:
            self._known.popitem(last=False)
        return questions
