"""The pages of voter files and universes: who sees them, what they say, what they never show."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.voters.exports import export
from tests.voters.house import CAMPAIGN, ORGANIZER, OTHER_CAMPAIGN, House

pytestmark = pytest.mark.real

FILES = Path(__file__).parent / "files"
IMPORTS, UNIVERSES = f"/campaigns/{CAMPAIGN}/imports", f"/campaigns/{CAMPAIGN}/universes"


async def page(house: House, path: str, *grants: tuple[str, str]) -> str:
    answer = await house.http.get(path, headers=house.headers(*grants))
    assert answer.status_code == 200, (path, answer.text)
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    return answer.text


@pytest.mark.parametrize("path", [IMPORTS, f"{IMPORTS}/new", f"{UNIVERSES}/new", UNIVERSES])
async def test_a_stranger_logs_in_and_comes_back(house: House, path: str) -> None:
    answer = await house.http.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/log-in?next={path}"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (IMPORTS, {"data_manager", "campaign_admin"}),
        (f"{IMPORTS}/new", {"data_manager", "campaign_admin"}),
        (UNIVERSES, {"organizer", "data_manager", "campaign_admin"}),
        (f"{UNIVERSES}/new", {"organizer", "data_manager", "campaign_admin"}),
    ],
)
async def test_who_may_see_a_page(house: House, path: str, allowed: set[str]) -> None:
    await assert_only_these_see(house, path, allowed)


async def test_who_may_see_an_import_and_a_universe(house: House, tmp_path: Path) -> None:
    state = await house.imported(export(tmp_path, 5)[1])
    path = f"{IMPORTS}/{state['import_id']}"
    await assert_only_these_see(house, path, {"data_manager", "campaign_admin"})
    body = {"campaign_id": CAMPAIGN, "name": "Everybody", "selection": {}, "preview": False}
    answer = await house.http.post("/voters/universes", json=body, headers=house.headers())
    path = f"{UNIVERSES}/{answer.json()['universe_id']}"
    await assert_only_these_see(house, path, {"organizer", "data_manager", "campaign_admin"})


async def assert_only_these_see(house: House, path: str, allowed: set[str]) -> None:
    """The page is for these roles in its own campaign, and a plain no for everybody else."""
    for role in ("caller", "lead", "organizer", "data_manager", "campaign_admin", "auditor"):
        for campaign_id in (CAMPAIGN, OTHER_CAMPAIGN):
            answer = await house.http.get(path, headers=house.headers((role, campaign_id)))
            welcome = role in allowed and campaign_id == CAMPAIGN
            assert answer.status_code == (200 if welcome else 403), (role, campaign_id)
            if not welcome:
                assert "This page is not for you" in answer.text


async def test_empty_pages_say_what_to_do_next(house: House) -> None:
    assert "No voter file yet" in await page(house, IMPORTS)
    for path in (UNIVERSES, f"{UNIVERSES}/new"):
        assert "Import a voter file first" in await page(house, path)
        organizer = await page(house, path, ("organizer", CAMPAIGN))
        assert "data manager or campaign admin" in organizer


async def test_a_campaigns_pages_carry_its_name(house: House) -> None:
    assert 'aria-label="Your campaign"' in await page(house, IMPORTS)
    await house.database["campaigns_v1"].insert_one({"_id": CAMPAIGN, "name": "Marlowe <for> PA"})
    assert 'aria-label="Marlowe &lt;for&gt; PA"' in await page(house, IMPORTS)


async def test_the_list_of_voter_files_is_paged_and_shows_who_sent_them(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 5)
    for _ in range(26):
        await house.upload(content)
    await house.run_importer()
    first = await page(house, IMPORTS)
    assert first.count('<th scope="row">') == 25
    assert "Imported" in first
    assert "<td>You</td>" in first
    assert "hx-trigger" not in first
    rest = first.split(f"{IMPORTS}?after=")[1].split('"')[0]
    second = await page(house, f"{IMPORTS}?after={rest}")
    assert second.count('<th scope="row">') == 1
    await house.database["imports"].update_many({}, {"$set": {"actor": f"not {ORGANIZER}"}})
    house.clock.at += timedelta(seconds=1)
    waiting = await house.upload(content)
    assert waiting.status_code == 202
    followed = await page(house, IMPORTS)
    assert "Another organizer" in followed
    assert "hx-trigger" in followed


async def test_an_import_is_shown_in_its_own_campaign_only(house: House, tmp_path: Path) -> None:
    state = await house.imported(export(tmp_path, 5)[1])
    shown = await page(house, f"{IMPORTS}/{state['import_id']}")
    assert "export.txt" in shown
    both = [("campaign_admin", CAMPAIGN), ("campaign_admin", OTHER_CAMPAIGN)]
    elsewhere = f"/campaigns/{OTHER_CAMPAIGN}/imports/{state['import_id']}"
    answer = await house.http.get(elsewhere, headers=house.headers(*both))
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert "export.txt" not in answer.text


async def test_a_universe_has_its_funnel_and_leads_to_a_phone_bank(
    house: House, tmp_path: Path
) -> None:
    await house.imported(export(tmp_path, 60)[1])
    body = {
        "campaign_id": CAMPAIGN,
        "name": "Likely <voters>",
        "selection": {"parties": ["D"], "last_attempt": {"since": "2026-10-01T00:00:00Z"}},
        "preview": False,
    }
    refused = await house.http.post("/voters/universes", json=body, headers=house.headers())
    assert refused.status_code == 422
    body["selection"] = {"parties": ["D"], "last_attempt": {"never": True}}
    answer = await house.http.post("/voters/universes", json=body, headers=house.headers())
    universe_id = answer.json()["universe_id"]
    path = f"{UNIVERSES}/{universe_id}"
    shown = await page(house, path, ("organizer", CAMPAIGN))
    assert "Likely &lt;voters&gt;" in shown
    assert "Never called" in shown
    assert f"/campaigns/{CAMPAIGN}/set-up/new?universe={universe_id}" in shown
    for step in answer.json()["funnel"]:
        assert f'<td class="figure">{step["left"]}</td>' in shown
    # Whoever may not run a phone bank is not led to one.
    assert "set-up/new" not in await page(house, path, ("data_manager", CAMPAIGN))
    both = [("organizer", CAMPAIGN), ("organizer", OTHER_CAMPAIGN)]
    elsewhere = f"/campaigns/{OTHER_CAMPAIGN}/universes/{universe_id}"
    answer = await house.http.get(elsewhere, headers=house.headers(*both))
    assert answer.status_code == 404


async def test_what_a_file_is_called_is_stored_sealed(house: House) -> None:
    content = (FILES / "van_list_export.csv").read_bytes()
    answer = await house.http.post(
        "/voters/imports",
        headers=house.headers(),
        files={"file": ("Hollis Thistlewood.csv", content, "text/csv")},
        data={"campaign_id": CAMPAIGN, "preview": "true"},
    )
    await house.run_importer()
    path = f"{IMPORTS}/{answer.json()['import_id']}"
    assert "Hollis Thistlewood.csv" in await page(house, path)
    stored = await house.everything_stored()
    # Of what was looked through nothing lies about in clear either.
    assert b"Thistlewood" not in stored
    assert b"THISTLEWOOD" not in stored
