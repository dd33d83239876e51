"""What the volunteer organizations are called."""

from collections.abc import Iterable

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.identity import OrganizationFounded
from libs.views.view import Index, Row


class Organizations:
    """One row an organization."""

    name = "organizations"
    version = 1
    listens: tuple[type[Event], ...] = (OrganizationFounded,)
    indexes: tuple[Index, ...] = ()

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The organization."""
        yield fact.event.key

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """An organization is founded once."""
        match fact.event:
            case OrganizationFounded() as founded:
                return (row or {}) | {"name": founded.name, "slug": founded.slug}
        return row


async def read_names(database: Database, organization_ids: Iterable[str]) -> dict[str, str]:
    """Names by id; those that have not reached us are left out."""
    rows = database[f"{Organizations.name}_v{Organizations.version}"]
    found = rows.find({"_id": {"$in": list(organization_ids)}}, {"name": 1})
    return {row["_id"]: row["name"] async for row in found}
