"""The first organizer, and what organizers may found, admit and grant."""

import asyncio
from typing import Any

import pytest

from libs.events.identity import (
    CampaignCreated,
    OrganizationAdmitted,
    OrganizationFounded,
    RoleGranted,
)
from libs.views.view import View
from services.identity.views.campaigns import Campaigns
from services.identity.views.organizations import Organizations
from services.identity.views.roles import Roles
from tests.identity.house import PALO_ALTO, SETUP_TOKEN, Browser, House, setup_body

ANN = "ann@example.org"


def facts(house: House, kind: type) -> list[Any]:
    return [f for c in house.log.commits.values() for f in c.facts if isinstance(f, kind)]


async def me(browser: Browser) -> dict[str, Any]:
    caller: dict[str, Any] = (await browser.get("/identity/sessions/current")).json()["caller"]
    return caller


async def fold_organizations(house: House) -> None:
    """What the worker does for the list of organizations."""
    await _fold(house, Organizations())


async def fold_views(house: House) -> None:
    """The same for all lists."""
    await _fold(house, Organizations())
    await _fold(house, Campaigns())
    await _fold(house, Roles())


async def _fold(house: House, view: View) -> None:
    rows = house.database[f"{view.name}_v{view.version}"]
    async for fact in house.log.in_order():
        if isinstance(fact.event, view.listens):
            for key in view.keys(fact):
                row = view.evolve(await rows.find_one({"_id": key}), fact)
                assert row is not None
                await rows.replace_one({"_id": key}, row, upsert=True)


async def test_the_token_makes_the_first_organizer(house: House) -> None:
    browser = await house.browser()
    answer = await browser.post("/identity/setup", setup_body())
    assert answer.status_code == 201
    made = answer.json()
    assert (await browser.log_in("organizer@example.org")).status_code == 201
    organizer = await me(browser)
    assert organizer["caller_id"] == made["caller_id"]
    assert organizer["organization_id"] == made["organization_id"]
    assert organizer["grants"] == [
        {
            "role": "campaign_admin",
            "campaign_id": made["campaign_id"],
            "organization_id": None,
        },
        {
            "role": "coordinator",
            "campaign_id": None,
            "organization_id": made["organization_id"],
        },
    ]
    assert facts(house, OrganizationAdmitted) == [
        OrganizationAdmitted(
            campaign_id=made["campaign_id"], organization_id=made["organization_id"]
        )
    ]


async def test_setting_up_again_answers_alike_or_not_at_all(house: House) -> None:
    browser = await house.browser()
    first = await browser.post("/identity/setup", setup_body())
    commits = len(house.log.commits)
    again = await browser.post("/identity/setup", setup_body())
    assert (again.status_code, again.json()) == (201, first.json())
    other = await browser.post("/identity/setup", setup_body(email="mallory@example.org"))
    assert other.status_code == 409
    assert other.json()["type"] == "/problems/already-set-up"
    assert len(house.log.commits) == commits


async def test_two_set_ups_at_once_make_one_organizer(house: House) -> None:
    browser = await house.browser()
    answers = await asyncio.gather(
        browser.post("/identity/setup", setup_body()),
        browser.post("/identity/setup", setup_body(email="other@example.org")),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(facts(house, RoleGranted)) == 2
    for email, answer in zip(("organizer@example.org", "other@example.org"), answers, strict=True):
        logged_in = await (await house.browser()).log_in(email)
        assert logged_in.status_code == (201 if answer.status_code == 201 else 401)
    assert await house.database["people"].count_documents({}) == 1


@pytest.mark.parametrize("token", ["", "wrong", SETUP_TOKEN + "x"])
async def test_without_the_token_nothing_is_set_up(house: House, token: str) -> None:
    browser = await house.browser()
    answer = await browser.post("/identity/setup", setup_body() | {"setup_token": token})
    assert answer.status_code == 403
    assert not house.log.commits


async def test_a_slip_in_setting_up_is_named_at_its_field(house: House) -> None:
    slip = setup_body()["organizer"] | {"password": "password123"}
    browser = await house.browser()
    answer = await browser.post("/identity/setup", setup_body() | {"organizer": slip})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "organizer.password"
    assert (await browser.post("/identity/setup", setup_body())).status_code == 201


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("appends", [0, 1, 2, 3])
async def test_setting_up_survives_a_crash_anywhere(
    house: House, monkeypatch: pytest.MonkeyPatch, appends: int
) -> None:
    browser = await house.browser()
    append = house.log.append
    left = iter(range(appends))

    async def append_some(commit: Any) -> Any:
        if next(left, None) is None:
            raise Crash
        return await append(commit)

    with monkeypatch.context() as patched:
        patched.setattr(house.log, "append", append_some)
        with pytest.raises(Crash):
            await browser.post("/identity/setup", setup_body())
    answer = await browser.post("/identity/setup", setup_body(first_name="Olga the second"))
    assert answer.status_code == 201
    assert len(facts(house, CampaignCreated)) == 1
    assert len(facts(house, OrganizationFounded)) == 1
    assert (await browser.log_in("organizer@example.org")).status_code == 201


async def test_an_organizer_creates_a_campaign_and_is_in_charge_of_it(house: House) -> None:
    organizer = await house.organizer()
    answer = await organizer.post("/identity/campaigns", {"name": "Prop 5"}, key="k")
    assert answer.status_code == 201
    assert answer.json()["slug"] == "prop-5"
    again = await organizer.post("/identity/campaigns", {"name": "Prop 5"}, key="k")
    assert again.json() == answer.json()
    assert len(facts(house, CampaignCreated)) == 2
    grants = (await me(organizer))["grants"]
    campaign_id = answer.json()["campaign_id"]
    assert {"role": "campaign_admin", "campaign_id": campaign_id, "organization_id": None} in grants
    taken = await organizer.post("/identity/campaigns", {"name": "prop-5"})
    assert taken.status_code == 409
    assert taken.json()["type"] == "/problems/name-taken"
    reused = await organizer.post("/identity/campaigns", {"name": "Prop 6"}, key="k")
    assert reused.status_code == 422


async def test_an_organization_is_founded_and_admitted(house: House) -> None:
    organizer = await house.organizer()
    body = {"name": "Berlin Calls", "help_contact": "help@berlin.example", "words": "Welcome!"}
    founded = await organizer.post("/identity/organizations", body)
    assert founded.status_code == 201
    organization_id = founded.json()["organization_id"]
    campaign_id = facts(house, CampaignCreated)[0].campaign_id
    path = f"/identity/campaigns/{campaign_id}/organizations"
    admitted = await organizer.post(path, {"organization_id": organization_id})
    assert admitted.status_code == 201
    missing = await organizer.post(path, {"organization_id": "nowhere"})
    assert missing.status_code == 404
    elsewhere = await organizer.post(
        "/identity/campaigns/nowhere/organizations", {"organization_id": organization_id}
    )
    assert elsewhere.status_code == 403


async def test_roles_work_at_once(house: House) -> None:
    organizer = await house.organizer()
    ann = await house.caller(ANN)
    campaign_id = facts(house, CampaignCreated)[0].campaign_id
    assert (await ann.post("/identity/campaigns", {"name": "Mine"})).status_code == 403
    body = {"email": ANN, "role": "campaign_admin", "campaign_id": campaign_id}
    granted = await organizer.post("/identity/roles", body)
    assert granted.status_code == 201
    assert granted.json()["caller_id"] == (await me(ann))["caller_id"]
    assert (await ann.post("/identity/campaigns", {"name": "Mine"})).status_code == 201


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"campaign_id": "nowhere"}, 403),
        ({"campaign_id": None}, 403),
        ({"role": "emperor"}, 422),
        ({"role": "coordinator"}, 422),
        ({"email": "nobody@example.org"}, 404),
        ({"email": None}, 422),
        ({"caller_id": "x"}, 422),
        ({"email": None, "caller_id": "x"}, 404),
    ],
)
async def test_a_role_that_cannot_be_given_is_refused(
    house: House, change: dict[str, str | None], status: int
) -> None:
    organizer = await house.organizer()
    await house.caller(ANN)
    campaign_id = facts(house, CampaignCreated)[0].campaign_id
    body = {"email": ANN, "role": "lead", "campaign_id": campaign_id} | change
    answer = await organizer.post("/identity/roles", body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(facts(house, RoleGranted)) == 2


async def test_callers_and_visitors_found_nothing(house: House) -> None:
    await house.organizer()
    ann, visitor = await house.caller(ANN), await house.browser()
    campaign_id = facts(house, CampaignCreated)[0].campaign_id
    requests: list[tuple[str, dict[str, str]]] = [
        ("/identity/campaigns", {"name": "Mine"}),
        ("/identity/organizations", {"name": "Mine", "help_contact": "me"}),
        (f"/identity/campaigns/{campaign_id}/organizations", {"organization_id": "x"}),
        ("/identity/roles", {"email": ANN, "role": "lead", "campaign_id": campaign_id}),
    ]
    for path, body in requests:
        assert (await ann.post(path, body)).status_code == 403, path
        assert (await visitor.post(path, body)).status_code == 401, path


async def test_a_coordinator_appoints_coordinators_of_this_organization_only(house: House) -> None:
    organizer = await house.organizer()
    await house.caller(ANN)
    organization_id = facts(house, OrganizationFounded)[0].organization_id
    body = {"email": ANN, "role": "coordinator", "organization_id": organization_id}
    assert (await organizer.post("/identity/roles", body)).status_code == 201
    other = body | {"organization_id": "other"}
    assert (await organizer.post("/identity/roles", other)).status_code == 403


@pytest.mark.parametrize("typed", ["dvc-palo-alto", PALO_ALTO, "dvc - palo alto", "DVCPaloAlto"])
async def test_an_organization_is_found_however_it_is_typed(house: House, typed: str) -> None:
    await house.organizer()
    await fold_organizations(house)
    visitor = await house.browser()
    answer = await visitor.get(f"/identity/organizations/{typed}")
    assert answer.status_code == 200
    assert answer.json() | {"organization_id": ""} == {
        "organization_id": "",
        "slug": "dvc-palo-alto",
        "name": PALO_ALTO,
        "help_contact": "help@dvc.example",
        "words": "",
        "doors": ["action_id", "bluevote", "invitation"],
        "calls_page": "https://phonebank.example/calls/dvc-palo-alto",
    }


@pytest.mark.parametrize("typed", ["dcv-palo-alto", "palo alto", "DVC Pola Alto"])
async def test_a_mistyped_organization_gets_a_suggestion(house: House, typed: str) -> None:
    await house.organizer()
    await fold_organizations(house)
    visitor = await house.browser()
    answer = await visitor.get(f"/identity/organizations/{typed}")
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/no-such-organization"
    assert answer.json()["suggestions"] == [{"slug": "dvc-palo-alto", "name": PALO_ALTO}]


async def test_nothing_alike_is_not_suggested(house: House) -> None:
    await house.organizer()
    await fold_organizations(house)
    answer = await (await house.browser()).get("/identity/organizations/berlin")
    assert answer.json()["suggestions"] == []
