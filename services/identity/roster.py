"""Who has which role, by name: what a team's pages show to those who may give and take roles."""

from dataclasses import dataclass

from libs.events.identity import Role
from services.identity.desk import Desk
from services.identity.domain.caller import CALLER
from services.identity.views.roles import holders

SHOWN_MAX = 200

ROLE_WORDS: dict[Role, tuple[str, str]] = {
    "lead": ("Phone-bank lead", "corrects calls, helps callers, sees the live boards"),
    "organizer": ("Organizer", "sets up universes and phone banks, sees boards and lists"),
    "data_manager": ("Data manager", "imports voter files, defines universes"),
    "auditor": ("Auditor", "sees boards and tallies, changes nothing"),
    "campaign_admin": ("Campaign admin", "all of this, exports voters, gives and takes roles"),
    "coordinator": ("Coordinator", "speaks for the organization; sees no voter data"),
    "api_client": ("API client", "a program that reads figures"),
    "caller": ("Caller", "calls voters"),
}
CAMPAIGN_ROLES: tuple[Role, ...] = (
    "lead",
    "organizer",
    "data_manager",
    "auditor",
    "campaign_admin",
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with roles here."""

    caller_id: str
    name: str
    email: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """The first of them by name, and how many more there are."""

    members: tuple[Member, ...]
    more: int


async def roster_of(desk: Desk, place_id: str) -> Roster:
    """Who has roles for this campaign or organization, as the log has them.

    Who was given their first one a moment ago may be missing, and who lost their last is not shown.
    """
    ids = await holders(desk.database, place_id)
    histories = await desk.records.log.read_many(f"caller-{each}" for each in ids)
    found: list[Member] = []
    for caller_id in ids:
        history = histories.get(f"caller-{caller_id}")
        roles = CALLER.fold(history.facts).roles if history else ()
        here = tuple(r.role for r in roles if place_id in {r.campaign_id, r.organization_id})
        person = await desk.records.people.read(caller_id) if here else None
        if person is not None:
            name = f"{person.first_name} {person.last_name}".strip()
            found.append(Member(caller_id, name, person.email, here))
    found.sort(key=lambda member: (member.name.casefold(), member.email))
    return Roster(tuple(found[:SHOWN_MAX]), max(0, len(found) - SHOWN_MAX))
