"""The questions of each version of a script, so that answers are told from words about a person."""

from collections.abc import Iterable

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.queue import ScriptPublished
from libs.views.view import Index, Row

# Nobody answers a text, and the answer to a call-back is a promise, kept beside the answers.
_UNANSWERED = frozenset({"text", "call_back"})


class Scripts:
    """One row a version: its questions in their order, as callers read them."""

    name = "scripts"
    version = 2
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
                    _question(block)
                    for block in script.get("blocks", ())
                    if block["kind"] not in _UNANSWERED
                ]
                return (row or {}) | {"questions": questions}
        return row


def script_id(bank_id: str, version: int) -> str:
    """The id of a version's row."""
    return f"{bank_id}/{version}"


async def read_questions(database: Database, bank_id: str, version: int) -> list[Row] | None:
    """The questions (`id`, `kind`, `text`, `meaning`, `options` of `value` and `label`).

    None while the version has not reached us.
    """
    rows = database[f"{Scripts.name}_v{Scripts.version}"]
    row = await rows.find_one({"_id": script_id(bank_id, version)})
    return row["questions"] if row else None


def _question(block: Row) -> Row:
    return {
        "id": block["id"],
        "kind": block["kind"],
        "text": block.get("text", ""),
        "meaning": block.get("meaning"),
        "options": [
            {"value": option["value"], "label": option.get("label", str(option["value"]))}
            for option in block.get("options") or ()
        ],
    }
