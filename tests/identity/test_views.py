"""The lists of organizations and campaigns: the same whatever arrives first, and twice."""

import itertools
from copy import deepcopy
from datetime import UTC, datetime

from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.identity import (
    CampaignCreated,
    OrganizationAdmitted,
    OrganizationDescribed,
    OrganizationFounded,
    RoleGranted,
    RoleWithdrawn,
)
from libs.views.view import Row, View
from services.identity.views import campaigns, organizations
from services.identity.views.campaigns import Campaigns
from services.identity.views.organizations import Organizations
from services.identity.views.roles import Roles
from tests.identity.house import PALO_ALTO

AT = datetime(2026, 10, 5, 12, tzinfo=UTC)
founded = OrganizationFounded(
    organization_id="o1", slug="dvc-palo-alto", name=PALO_ALTO, help_contact="help"
)
created = CampaignCreated(campaign_id="c1", slug="rivera", name="Rivera")
admissions = [OrganizationAdmitted(campaign_id=each, organization_id="o1") for each in ("c2", "c1")]


def recorded(event: Event, position: int = 1) -> Recorded:
    return Recorded(
        event=event,
        id=f"{position}:0",
        stream="s",
        version=1,
        at=AT,
        topic="identity.events",
        partition=0,
        position=position,
    )


def fold(view: View, *facts: Event) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for fact in map(recorded, facts):
        for key in view.keys(fact):
            row = view.evolve(deepcopy(rows.get(key)), fact)
            assert row is not None
            rows[key] = row
    return rows


def test_an_organizations_row_is_the_same_in_any_order() -> None:
    folded = [
        fold(Organizations(), *facts) for facts in itertools.permutations([founded, *admissions])
    ]
    assert all(rows == folded[0] for rows in folded)
    assert folded[0]["o1"]["campaigns"] == ["c1", "c2"]
    assert folded[0]["o1"]["name"] == PALO_ALTO


def test_an_organizations_row_has_its_words_of_today() -> None:
    told = OrganizationDescribed(organization_id="o1", help_contact="Nora", words="Kitchens.")
    for admission_first in ([admissions[0], founded, told], [founded, told, admissions[0]]):
        row = fold(Organizations(), *admission_first)["o1"]
        assert (row["name"], row["help_contact"], row["words"]) == (PALO_ALTO, "Nora", "Kitchens.")
        assert row["campaigns"] == ["c2"]


def test_a_campaigns_row_is_the_same_in_any_order() -> None:
    one, other = (
        fold(Campaigns(), created, admissions[1]),
        fold(Campaigns(), admissions[1], created),
    )
    assert one == other
    assert one["c1"]["organizations"] == ["o1"]
    assert one["c1"]["supporter_levels"] == [1, 2]


def test_a_repeated_fact_changes_nothing() -> None:
    once = fold(Organizations(), founded, *admissions)
    assert fold(Organizations(), founded, *admissions, *admissions, founded) == once


async def test_only_what_was_founded_is_listed(database: Database) -> None:
    rows = fold(Organizations(), *admissions, founded)
    rows |= fold(
        Organizations(), OrganizationAdmitted(campaign_id="c1", organization_id="not yet founded")
    )
    await database["organizations_v1"].insert_many(
        [row | {"_id": key} for key, row in rows.items()]
    )
    assert await organizations.listed(database) == [
        {"id": "o1", "slug": "dvc-palo-alto", "name": PALO_ALTO}
    ]
    assert await organizations.organization_named(database, "dvc palo-ALTO") == "o1"
    assert await organizations.organization_named(database, "dvc") is None


async def test_campaigns_are_named_for_those_who_work_for_them(database: Database) -> None:
    rows = fold(Campaigns(), created, *admissions)
    await database["campaigns_v1"].insert_many([row | {"_id": key} for key, row in rows.items()])
    named = await campaigns.campaigns_of(database, ["c1", "c2", "c3"])
    assert named == [{"id": "c1", "slug": "rivera", "name": "Rivera"}]


def test_a_teams_row_minds_no_order_but_each_callers_own() -> None:
    given = [RoleGranted(caller_id=each, role="lead", campaign_id="c1") for each in ("a", "b")]
    more = RoleGranted(caller_id="a", role="auditor", campaign_id="c1")
    taken = RoleWithdrawn(caller_id="a", role="lead", campaign_id="c1")
    of_a = (given[0], more, taken)
    for place in range(len(of_a) + 1):
        facts = [*of_a[:place], given[1], *of_a[place:]]
        assert fold(Roles(), *facts)["c1"]["people"] == {"a": ["auditor"], "b": ["lead"]}
    assert fold(Roles(), given[0], taken)["c1"]["people"] == {}
    assert fold(Roles(), given[0], taken, given[0])["c1"]["people"] == {"a": ["lead"]}


def test_a_team_is_one_campaigns_or_one_organizations() -> None:
    ours = RoleGranted(caller_id="a", role="coordinator", organization_id="o1")
    assert list(Roles().keys(recorded(ours))) == ["o1"]
    assert fold(Roles(), ours)["o1"]["people"] == {"a": ["coordinator"]}
