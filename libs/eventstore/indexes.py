"""The indexes that a log's promises rest on: made where one may, and else only looked for."""

from dataclasses import dataclass, field

from libs.database import ASCENDING, Collection, Database, Document, OperationFailure

_UNAUTHORIZED = 13


class IndexMissing(RuntimeError):
    """A log lacks an index, and this user may not make one in a log."""


@dataclass(frozen=True, slots=True)
class _Index:
    name: str
    keys: tuple[str, ...]
    options: Document = field(default_factory=dict[str, object])

    def is_as(self, found: Document | None) -> bool:
        """Whether MongoDB tells of this very index, without a word more or less."""
        if found is None:
            return False
        told = {word: value for word, value in found.items() if word not in {"v", "key"}}
        return [key for key, _ in found["key"]] == list(self.keys) and told == self.options


_OF_COMMITS = (
    _Index("stream_version", ("stream", "version"), {"unique": True}),
    _Index(
        "claims",
        ("claims",),
        {"unique": True, "partialFilterExpression": {"claims": {"$exists": True}}},
    ),
)
_OF_ORDER = (_Index("commits", ("commits",)),)


async def make_indexes(database: Database) -> None:
    """Make those that are not there; waits for a database that is starting.

    Raises IndexMissing, which names the index, where this user may not make it.
    """
    await _make(database["commits"], _OF_COMMITS)
    await _make(database["order"], _OF_ORDER)


async def _make(rows: Collection, indexes: tuple[_Index, ...]) -> None:
    there = await rows.index_information()
    for index in indexes:
        # One that is otherwise than declared is asked for all the same: MongoDB says what differs.
        if index.is_as(there.get(index.name)):
            continue
        keys = [(key, ASCENDING) for key in index.keys]
        try:
            await rows.create_index(keys, name=index.name, **index.options)
        except OperationFailure as refusal:
            if refusal.code != _UNAUTHORIZED:
                raise
            message = (
                f"{rows.full_name} lacks its index {index.name} as declared, and this user may "
                "not make it: whoever sets the database up does (the container replica-set)"
            )
            raise IndexMissing(message) from refusal
