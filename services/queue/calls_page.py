"""What the Calls Page of an organization shows of each open phone bank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libs.database import Database
from libs.events.queue import PhoneBankCreated
from libs.hours import CallingHours
from libs.views.view import Row
from services.queue.domain.errors import NoSuchOrganization
from services.queue.domain.phone_bank import hours_of
from services.queue.paging import Part, part_of
from services.queue.reasons import Reasons, callable_now, closing, opening
from services.queue.states import STATES
from services.queue.views import banks, organizations

# Counting who may be called takes a question a bank, so a page has a few only.
BANKS_SHOWN = 30
PRACTICE_SHOWN = 30
PURPOSES = {
    "registration": "Voter registration",
    "ballot_completion": "Ballot help",
    "turnout": "Get out the vote",
    "identification": "Finding supporters",
    "persuasion": "Persuasion",
    "volunteer_recruitment": "Finding volunteers",
    "list_cleaning": "Cleaning the list",
    "cure": "Fixing ballots",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """One open phone bank: how many may be called now, and the hours that are running or next."""

    created: PhoneBankCreated
    hours: CallingHours
    callable_now: int
    days_left: int | None
    opens_at: datetime | None
    closes_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """For the API."""
        return {
            "bank_id": self.created.bank_id,
            "campaign_id": self.created.campaign_id,
            "name": self.created.name,
            "candidate": self.created.candidate,
            "state": self.created.state,
            "purpose": self.created.purpose,
            "practice": self.created.practice,
            "open": True,
            "days_left": self.days_left,
            "callable_now": self.callable_now,
            "hours": self.hours.model_dump(mode="json"),
            "next_opening": self.opens_at,
            "closes_at": self.closes_at,
        }

    def as_card(self) -> dict[str, Any]:
        """For the page."""
        return {
            "id": self.created.bank_id,
            "name": self.created.name,
            "candidate": self.created.candidate,
            "purpose_label": PURPOSES[self.created.purpose],
            "practice": self.created.practice,
            "days_left": self.days_left,
            "callable_now": self.callable_now,
            "opens_at": self.opens_at.isoformat() if self.opens_at else None,
            "closes_at": self.closes_at.isoformat() if self.closes_at else None,
        }


@dataclass(frozen=True, slots=True)
class CallsPage:
    """`listings` are those of `part`; practice banks stand on every page, as many as one."""

    part: Part[PhoneBankCreated]
    listings: Sequence[Listing]
    practice: Sequence[Listing]
    practice_total: int


async def organization_of(views: Database, slug: str) -> Row:
    """The organization of a Calls Page. Raises NoSuchOrganization."""
    found = await organizations.by_slug(views, slug.strip().lower())
    if found is None:
        raise NoSuchOrganization
    return found


async def listed_banks(
    views: Database,
    reasons: Reasons,
    organization: Mapping[str, Any],
    state: str | None,
    at: datetime,
) -> Sequence[Listing]:
    """The open banks of an organization, real ones first, by state and candidate."""
    found = await _open_banks(views, organization, state, at)
    return [await _listing(reasons, created, at) for created in found]


async def calls_page(
    views: Database, reasons: Reasons, organization: Mapping[str, Any], after: str, at: datetime
) -> CallsPage:
    """One page of an organization's open banks, and where to practise."""
    found = await _open_banks(views, organization, None, at)
    real = [each for each in found if not each.practice]
    real.sort(key=lambda each: (STATES.get(each.state, ""), each.candidate, each.bank_id))
    part = part_of(real, after, BANKS_SHOWN, lambda created: created.bank_id)
    practice = [each for each in found if each.practice]
    practice.sort(key=lambda each: (each.candidate, each.bank_id))
    return CallsPage(
        part,
        [await _listing(reasons, created, at) for created in part.entries],
        [await _listing(reasons, created, at) for created in practice[:PRACTICE_SHOWN]],
        len(practice),
    )


async def _open_banks(
    views: Database, organization: Mapping[str, Any], state: str | None, at: datetime
) -> Sequence[PhoneBankCreated]:
    rows = await banks.on_calls_page(
        views, organization["_id"], organization["campaign_ids"], state.upper() if state else None
    )
    found = [PhoneBankCreated.model_validate(row | {"bank_id": row["_id"]}) for row in rows]
    return [each for each in found if each.closes_at is None or each.closes_at > at]


async def _listing(reasons: Reasons, created: PhoneBankCreated, at: datetime) -> Listing:
    hours = hours_of(created)
    figures = await reasons.figures(created)
    opens_at = opening(figures, hours, at)
    return Listing(
        created=created,
        hours=hours,
        callable_now=callable_now(figures, created, hours, at),
        days_left=(created.closes_at - at).days + 1 if created.closes_at else None,
        opens_at=opens_at,
        closes_at=closing(figures, hours, opens_at) if opens_at else None,
    )
