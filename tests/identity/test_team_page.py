"""A campaign's team page: which organizations call for it, and who may see and change that."""

from tests.identity.house import Browser, House
from tests.identity.test_founding import ANN, fold_views, me


async def campaign_of(organizer: Browser) -> str:
    """The campaign of which they are the admin."""
    grants = (await me(organizer))["grants"]
    return next(str(each["campaign_id"]) for each in grants if each["campaign_id"])


async def test_the_page_lists_who_calls_for_the_campaign_at_once(house: House) -> None:
    organizer = await house.organizer()
    place = f"/campaigns/{await campaign_of(organizer)}"
    body = {"name": "Friends Abroad", "help_contact": "<b>Nora</b>, at the desk"}
    assert (await organizer.post("/identity/organizations", body)).status_code == 201
    before = (await organizer.get(f"{place}/team")).text
    assert 'href="/calls/dvc-palo-alto"' in before
    assert "Friends Abroad" not in before
    answer = await organizer.post(
        f"/identity{place}/organizations", {"organization": "friends ABROAD"}
    )
    assert answer.status_code == 201
    after = (await organizer.get(f"{place}/team")).text
    assert 'href="/calls/friends-abroad"' in after
    assert "&lt;b&gt;Nora&lt;/b&gt;, at the desk" in after


async def test_an_admission_names_one_organization(house: House) -> None:
    organizer = await house.organizer()
    path = f"/identity/campaigns/{await campaign_of(organizer)}/organizations"
    unknown = await organizer.post(path, {"organization": "Nobody at all"})
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/no-such-organization")
    assert (await organizer.post(path, {})).json()["errors"][0]["field"] == "organization"


async def test_a_campaign_without_organizations_says_what_to_do(house: House) -> None:
    organizer = await house.organizer()
    begun = (await organizer.post("/identity/campaigns", {"name": "Chen for Mayor"})).json()
    page = (await organizer.get(f"/campaigns/{begun['campaign_id']}/team")).text
    assert "No organization calls for this campaign yet" in page
    assert "DVC" not in page.partition("<main")[2].partition("</main>")[0]


async def test_nobody_else_sees_the_page(house: House) -> None:
    organizer = await house.organizer()
    path = f"/campaigns/{await campaign_of(organizer)}/team"
    ann = await house.caller(ANN)
    refused = await ann.get(path)
    assert refused.status_code == 403
    assert "Admit" not in refused.text
    lead = {"role": "lead", "email": ANN, "campaign_id": path.split("/")[2]}
    assert (await organizer.post("/identity/roles", lead)).status_code == 201
    assert (await ann.get(path)).status_code == 403
    stranger = await (await house.browser()).get(path)
    assert stranger.headers["location"] == f"/log-in?next={path}"
    assert (await organizer.get("/campaigns/of-nobody/team")).status_code == 403


async def test_roles_are_listed_by_name_given_and_taken_at_once(house: House) -> None:
    organizer = await house.organizer()
    campaign_id = await campaign_of(organizer)
    path, lead = f"/campaigns/{campaign_id}/team", {"role": "lead", "campaign_id": campaign_id}
    ann = await house.caller(ANN)
    assert (await organizer.post("/identity/roles", lead | {"email": ANN})).status_code == 201
    await fold_views(house)
    listed = (await organizer.get(path)).text
    ann_id = (await me(ann))["caller_id"]
    assert "Ann Example" in listed
    assert f'data-take="lead" data-from="{ann_id}"' in listed
    taken = await organizer.post("/identity/roles/withdrawals", lead | {"caller_id": ann_id})
    assert taken.status_code == 201
    assert (await ann.get("/identity/sessions/current")).status_code == 401
    # The view has not heard of it yet: the page asks the log.
    assert "Ann Example" not in (await organizer.get(path)).text
    assert (await ann.log_in(ANN)).json()["caller"]["grants"] == []


async def test_nobody_is_logged_out_for_a_role_they_do_not_have(house: House) -> None:
    organizer = await house.organizer()
    ann = await house.caller(ANN)
    body = {"role": "lead", "email": ANN, "campaign_id": await campaign_of(organizer)}
    assert (await organizer.post("/identity/roles/withdrawals", body)).status_code == 201
    assert (await ann.get("/identity/sessions/current")).status_code == 200


async def test_ones_own_role_has_no_button_and_cannot_be_taken(house: House) -> None:
    organizer = await house.organizer()
    campaign_id, mine = await campaign_of(organizer), (await me(organizer))["caller_id"]
    await fold_views(house)
    page = (await organizer.get(f"/campaigns/{campaign_id}/team")).text
    assert "Olga Organizer" in page
    assert "data-take" not in page
    body = {"role": "campaign_admin", "caller_id": mine, "campaign_id": campaign_id}
    refused = await organizer.post("/identity/roles/withdrawals", body)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/own-role")
    assert (await organizer.get("/identity/sessions/current")).status_code == 200


async def test_who_gives_no_role_takes_none(house: House) -> None:
    organizer = await house.organizer()
    campaign_id, mine = await campaign_of(organizer), (await me(organizer))["caller_id"]
    ann = await house.caller(ANN)
    for place in ({"campaign_id": campaign_id}, {"organization_id": "o"}, {}):
        body = {"role": "campaign_admin", "caller_id": mine} | place
        assert (await ann.post("/identity/roles/withdrawals", body)).status_code == 403


async def test_an_organizations_page_is_its_coordinators(house: House) -> None:
    organizer = await house.organizer()
    assert 'href="/organizations/dvc-palo-alto"' in (await organizer.get("/")).text
    await fold_views(house)
    page = (await organizer.get("/organizations/dvc-palo-alto")).text
    assert "Olga Organizer" in page
    assert "help@dvc.example" in page
    ann = await house.caller(ANN)
    assert (await ann.get("/organizations/dvc-palo-alto")).status_code == 403
    assert (await organizer.get("/organizations/nobody")).status_code == 404


async def test_a_coordinator_puts_the_words_anew_and_nobody_else(house: House) -> None:
    organizer = await house.organizer()
    path = "/identity/organizations/dvc-palo-alto"
    body = {"help_contact": "Nora, at the desk", "words": "Kitchens, everywhere."}
    headers = {"idempotency-key": "words"}
    ann = await house.caller(ANN)
    assert (await ann.put(path, body, headers=headers)).status_code == 403
    assert (await organizer.put(path, body, headers=headers)).status_code == 200
    told = (await ann.get(path)).json()
    assert (told["help_contact"], told["words"]) == (body["help_contact"], body["words"])
    page = (await organizer.get("/organizations/dvc-palo-alto")).text
    assert "Kitchens, everywhere." in page
    assert "help@dvc.example" not in page
    assert (await organizer.put(path, {"help_contact": ""}, headers=headers)).status_code == 422
