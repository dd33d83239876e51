"""The questions of each version of a script, so that answers are told from words about a person."""

from collections.abc import Iterable

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.queue import ScriptPublished
from libs.views.view import Index, Row


class Scripts:
    """One row a version: the kind of each question and the values its options offer."""

    name = "scripts"
    version = 1
    listens: tuple[type[Event], ...] = (ScriptPublished,)
    indexes: tuple[Index, ...] = ()

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The version of the bank's script."""
        match fact.event:
            case ScriptPublished(bank_id=bank_id, script_version=version):
                yield script_id(bank_id, version)

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """A version never changes."""
        match fact.event:
            case ScriptPublished(script=script):
                questions = [
                    {
                        "id": block["id"],
                        "kind": block["kind"],
                        "values": [option["value"] for option in block.get("options") or ()],
                    }
                    for block in script.get("blocks", ())
                    if block["kind"] != "text"
                ]
                return (row or {}) | {"questions": questions}
        return row


def script_id(bank_id: str, version: int) -> str:
    """The id of a version's row."""
    return f"{bank_id}/{version}"


async def read_questions(database: Database, bank_id: str, version: int) -> list[Row] | None:
    """The questions (`id`, `kind`, `values`); None while the version has not reached us."""
    rows = database[f"{Scripts.name}_v{Scripts.version}"]
    row = await rows.find_one({"_id": script_id(bank_id, version)})
    return row["questions"] if row else None
