"""Who was given a role, by campaign and by organization: ids, for the pages that list a team."""

from collections.abc import Iterable

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.identity import RoleGranted, RoleWithdrawn
from libs.views.view import Index, Row

COLLECTION = "roles_v1"


class Roles:
    """One row a campaign or organization. Facts of one caller keep their order, others' do not."""

    name = "roles"
    version = 1
    listens: tuple[type[Event], ...] = (RoleGranted, RoleWithdrawn)
    indexes: tuple[Index, ...] = ()

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The row of the campaign or organization that the role is for."""
        match fact.event:
            case RoleGranted() | RoleWithdrawn() as event:
                yield event.campaign_id or event.organization_id or ""

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """The roles of each caller who has one."""
        people = dict((row or {}).get("people", {}))
        match fact.event:
            case RoleGranted(caller_id=caller_id, role=role):
                people[caller_id] = sorted({*people.get(caller_id, ()), role})
            case RoleWithdrawn(caller_id=caller_id, role=role):
                kept = [each for each in people.pop(caller_id, ()) if each != role]
                if kept:
                    people[caller_id] = kept
        return (row or {}) | {"people": people}


async def holders(database: Database, place_id: str) -> list[str]:
    """The ids of who has a role for this campaign or organization."""
    row = await database[COLLECTION].find_one({"_id": place_id}, {"people": 1})
    return sorted(row["people"]) if row else []
