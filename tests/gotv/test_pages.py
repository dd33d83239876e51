"""Gotv's pages: they name what they show, and send strangers to the log-in form."""

import re

import pytest

from libs.chassis.tokens import Grant
from libs.database import Database
from services.gotv.routes import pages as gotv_pages
from tests.gotv.opened import (
    ADMIN,
    ORGANIZER,
    bank_created,
    campaign_created,
    gotv_app,
    voter_imported,
)
from tests.gotv.test_lists import answered, people_of

FACTS = [campaign_created(), bank_created(), voter_imported("ann"), *answered("ann", 1)]
PAGES = [
    "/campaigns/c1",
    "/campaigns/c1/lists/supporters",
    "/campaigns/c1/lists/hearsay",
    "/campaigns/c1/voters/ann",
    "/campaigns/c1/phone-banks/b1",
    "/phone-banks/b1/dashboard",
]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_for_the_campaigns_own_people(database: Database, path: str) -> None:
    async with gotv_app(database, FACTS) as gotv:
        shown = await gotv.get(path, ORGANIZER)
        assert shown.status_code == 200
        assert "Marlowe for Pennsylvania" in shown.text
        stranger = await gotv.http.get(path)
        assert stranger.status_code == 303
        assert stranger.headers["location"] == f"/log-in?next={path}"
        other = await gotv.get(path, Grant("organizer", campaign_id="c2"))
        assert other.status_code == 403
        assert "permission" in other.text


async def test_the_campaign_names_its_banks(database: Database) -> None:
    async with gotv_app(database, FACTS) as gotv:
        page = (await gotv.get("/campaigns/c1", ORGANIZER)).text
        assert "Evening calls" in page
        assert "Ida Marlowe" in page
        assert "Not open yet" in page


async def test_practice_is_a_choice_where_there_is_some(database: Database) -> None:
    async with gotv_app(database, FACTS) as gotv:
        path = "/campaigns/c1/lists/supporters"
        choice = "Without practice phone banks"
        assert choice not in (await gotv.get(path, ORGANIZER)).text
        await gotv.folding.take([bank_created(bank_id="trial", practice=True)])
        assert choice in (await gotv.get(path, ORGANIZER)).text


async def test_only_who_may_export_is_offered_the_csv(database: Database) -> None:
    async with gotv_app(database, FACTS) as gotv:
        path = "/campaigns/c1/lists/supporters"
        assert "supporters.csv" not in (await gotv.get(path, ORGANIZER)).text
        page = (await gotv.get(path, ADMIN)).text
        assert "supporters.csv" in page
        assert '<option value="PA">' in page


async def test_an_overview_of_many_banks_begins_with_a_few(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [bank_created(bank_id=f"more{number}") for number in range(2)]
    async with gotv_app(database, [*FACTS, *others]) as gotv:
        page = (await gotv.get("/campaigns/c1", ORGANIZER)).text
        assert page.count("<tr data-bank=") == 3
        assert not re.search(r'<tr data-bank="\w+" hidden>', page)
        assert "data-more-banks hidden>" in page
        monkeypatch.setattr(gotv_pages, "_BANKS_SHOWN", 2)
        page = (await gotv.get("/campaigns/c1", ORGANIZER)).text
        assert len(re.findall(r'<tr data-bank="\w+" hidden>', page)) == 1
        assert "data-more-banks>" in page


async def test_the_old_address_leads_to_the_list(database: Database) -> None:
    async with gotv_app(database, FACTS) as gotv:
        led = await gotv.get("/campaigns/c1/supporters", ORGANIZER)
        assert (led.status_code, led.headers["location"]) == (303, "/campaigns/c1/lists/supporters")
        lead = Grant("lead", campaign_id="c1")
        assert (await gotv.get("/campaigns/c1/supporters", lead)).status_code == 403
        assert (await gotv.get("/campaigns/c1/lists/enemies", ORGANIZER)).status_code == 404


async def test_a_voters_page_tells_the_history_without_a_name_when_erased(
    database: Database,
) -> None:
    async with gotv_app(database, FACTS) as gotv:
        path = "/campaigns/c1/voters/ann"
        assert "A person who was erased" in (await gotv.get(path, ORGANIZER)).text
        gotv.vault.people = people_of("ann")
        page = (await gotv.get(path, ORGANIZER)).text
        assert "Ann Example" in page
        assert "1, strong for" in page
        assert "Evening calls" in page
        assert (await gotv.get("/campaigns/c1/voters/zoe", ORGANIZER)).status_code == 404
        assert "No call yet" not in page
        gotv.vault.away = True
        away = await gotv.get(path, ORGANIZER)
        assert away.status_code == 503
        assert "Ann Example" not in away.text
        assert '<a class="button button-primary" href="">Try again</a>' in away.text


async def test_a_voter_is_told_of_before_the_first_call_and_after_far_too_many(
    database: Database,
) -> None:
    async with gotv_app(database, FACTS) as gotv:
        await gotv.folding.take([voter_imported("bob"), voter_imported("cid")])
        await gotv.folding.take(fact for n in range(50) for fact in answered("cid", 3, n))
        assert "No call yet" in (await gotv.get("/campaigns/c1/voters/bob", ORGANIZER)).text
        said = "The latest 50 calls are shown."
        assert said in (await gotv.get("/campaigns/c1/voters/cid", ORGANIZER)).text
        assert said not in (await gotv.get("/campaigns/c1/voters/ann", ORGANIZER)).text


async def test_who_asks_for_help_is_for_those_who_help(database: Database) -> None:
    async with gotv_app(database, FACTS) as gotv:
        for role, sees in (("lead", True), ("organizer", True), ("auditor", False)):
            page = (await gotv.get("/phone-banks/b1/dashboard", Grant(role, campaign_id="c1"))).text
            assert ("data-hand-list" in page) is sees, role
            assert ("Leads and organizers of this campaign see here" in page) is not sees, role


async def test_a_bank_of_another_campaign_is_no_page_of_this_one(database: Database) -> None:
    async with gotv_app(database, [*FACTS, campaign_created(campaign_id="c2")]) as gotv:
        both = [ORGANIZER, Grant("organizer", campaign_id="c2")]
        assert (await gotv.get("/campaigns/c2/phone-banks/b1", *both)).status_code == 404
        assert (await gotv.get("/phone-banks/b9/dashboard", *both)).status_code == 404
