"""The organizations: for lists, for the public Calls Page and for names that were mistyped."""

import difflib
import re
import unicodedata
from collections.abc import Iterable

from libs.database import ASCENDING, Database
from libs.events.base import Event, Recorded
from libs.events.identity import OrganizationAdmitted, OrganizationDescribed, OrganizationFounded
from libs.views.view import Index, Row

COLLECTION = "organizations_v1"
LISTED_MAX = 200
COMPARED_MAX = 2_000
SUGGESTIONS_MAX = 3
LIKENESS_MIN = 0.6


class Organizations:
    """One row an organization. Who admitted it may be heard of before its founding."""

    name = "organizations"
    version = 1
    listens: tuple[type[Event], ...] = (
        OrganizationFounded,
        OrganizationDescribed,
        OrganizationAdmitted,
    )
    indexes: tuple[Index, ...] = (Index([("squashed", ASCENDING)]), Index([("slug", ASCENDING)]))

    def keys(self, fact: Recorded) -> Iterable[str]:
        """The organization's row."""
        match fact.event:
            case OrganizationFounded() | OrganizationDescribed() as event:
                yield event.organization_id
            case OrganizationAdmitted(organization_id=organization_id):
                yield organization_id

    def evolve(self, row: Row | None, fact: Recorded) -> Row | None:
        """Its own words, and the campaigns its callers may work for."""
        kept = row or {"campaigns": []}
        match fact.event:
            case OrganizationFounded() as founded:
                return kept | {
                    "slug": founded.slug,
                    "squashed": squashed(founded.slug),
                    "name": founded.name,
                    "help_contact": founded.help_contact,
                    "words": founded.words,
                }
            case OrganizationDescribed() as told:
                return kept | {"help_contact": told.help_contact, "words": told.words}
            case OrganizationAdmitted(campaign_id=campaign_id):
                return kept | {"campaigns": sorted({*kept["campaigns"], campaign_id})}
        return row


def squashed(name: str) -> str:
    """A name without case, accents, dashes and spaces."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return re.sub(r"[\W_]+", "", plain)


async def organization_named(database: Database, name: str) -> str | None:
    """The id of the organization of this name, forgiving case, dashes and spaces."""
    row = await database[COLLECTION].find_one({"squashed": squashed(name)}, {"_id": 1})
    return str(row["_id"]) if row else None


async def campaign_ids_of(database: Database, organization_id: str) -> list[str]:
    """The campaigns whose voters the organization's callers may call."""
    row = await database[COLLECTION].find_one({"_id": organization_id}, {"campaigns": 1})
    return list(row["campaigns"]) if row else []


async def suggestions(database: Database, name: str) -> list[dict[str, str]]:
    """The organizations whose names are most like a mistyped one."""
    known = database[COLLECTION].find({"slug": {"$exists": True}}, {"slug": 1, "name": 1})
    rows = {squashed(row["slug"]): row for row in await known.limit(COMPARED_MAX).to_list()}
    wanted = squashed(name)
    close = difflib.get_close_matches(wanted, rows, SUGGESTIONS_MAX, LIKENESS_MIN)
    # A part of the name is a slip too: people type "palo alto".
    close += [each for each in rows if wanted and wanted in each and each not in close]
    return [
        {"slug": rows[each]["slug"], "name": rows[each]["name"]} for each in close[:SUGGESTIONS_MAX]
    ]


async def listed(database: Database) -> list[dict[str, str]]:
    """All organizations by name, as many as a page shows: `id, slug, name`."""
    rows = database[COLLECTION].find({"slug": {"$exists": True}})
    ordered = await rows.sort("name", ASCENDING).limit(LISTED_MAX).to_list()
    return [{"id": row["_id"], "slug": row["slug"], "name": row["name"]} for row in ordered]
