"""Organizers over HTTP: settings, clones and scripts; who may, and what callers then get."""

from typing import Any

import pytest

from libs.events.identity import CampaignCreated, OrganizationAdmitted
from libs.events.results import Disposition
from libs.events.voters import UniverseDefined
from services.queue.domain.phone_bank import ClosePhoneBank
from services.queue.domain.script import validate
from services.queue.domain.script_writer import as_text
from tests.queue.house import CAMPAIGN, ORGANIZATION, SCRIPT, UNIVERSE, caller, organizer
from tests.queue.lines import at
from tests.queue.web import Web, is_problem
from tests.support.backing import eventually

pytestmark = pytest.mark.real

PATH = "/queue/phone-banks/bank"
TEXT = """Hello {first_name|there}!

? support: May we count on you?

[if support <= 2]
? volunteer: Will you help?

## Thanks
Thank you!

## Who is calling
Paid for by Friends of Ida Marlowe.
"""


async def changed(web: Web, **changes: Any) -> dict[str, Any]:
    answer = await web.send(organizer(), "PATCH", PATH, changes)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


# Settings


async def test_changed_settings_are_answered_and_those_left_out_stay(open_web: Web) -> None:
    body = await changed(open_web, name="Mornings", attempts_max=5)
    assert (body["name"], body["attempts_max"], body["candidate"]) == ("Mornings", 5, "Ida Marlowe")
    read = await open_web.send(organizer(), "GET", f"{PATH}/settings")
    assert read.json() == body
    await changed(open_web, closes_at="2026-11-03T20:00:00-05:00")
    body = await changed(open_web, closes_at=None)
    assert (body["closes_at"], body["name"]) == (None, "Mornings")
    await open_web.house.catch_up()
    await open_web.house.found_organization()
    await open_web.house.catch_up()
    listed = (await open_web.http.get("/queue/phone-banks?organization=dvc-palo-alto")).json()
    assert [bank["name"] for bank in listed["phone_banks"]] == ["Mornings"]


async def test_the_next_caller_works_by_the_new_settings(open_web: Web) -> None:
    before = (await open_web.next()).json()
    assert before["note"] is None
    assert "left_message" not in [each["value"] for each in before["dispositions"]]
    await changed(
        open_web,
        caller_note="Early voting begins on Monday.",
        messages_allowed=True,
        message_words="Hello, this is a volunteer.",
        candidate="Ida B. Marlowe",
        dispositions=[
            {"value": "canvassed", "label": "Spoke"},
            {"value": "busy", "place": "hidden"},
        ],
    )
    after = (await open_web.next(caller("dora"))).json()
    assert after["note"] == "Early voting begins on Monday."
    assert after["message_words"] == "Hello, this is a volunteer."
    assert "Ida B. Marlowe" in after["script"]["blocks"][1]["text"]
    values = [each["value"] for each in after["dispositions"]]
    assert values[0] == "canvassed"
    assert "left_message" in values
    assert "busy" not in values
    # Who had a voter already finds the new words on looking again.
    again = (await open_web.next()).json()
    assert (again["assignment_id"], again["note"]) == (before["assignment_id"], after["note"])


async def test_changed_hours_hold_for_the_next_voter_already_prepared(open_web: Web) -> None:
    """The first caller's block has all three lines in memory, with the hours of before."""
    assert (await open_web.next()).status_code == 201
    days = [
        {"day": day, "window": {"opens": "09:00", "closes": "09:00"}}
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
    ]
    await changed(open_web, hours={"days": days})
    refused = is_problem(await open_web.next(caller("dora")), 409, "outside-hours")
    assert refused["next_opening"].startswith("2026-10-11T16:00")  # Sunday noon.
    await changed(open_web, hours=None)
    open_web.house.clock.forward(minutes=11)

    async def served() -> bool:
        return (await open_web.next(caller("emil"))).status_code == 201

    # A block that was found empty is looked into again a moment later.
    await eventually(served, saying="a voter is served again")


async def test_changed_attempts_hold_for_the_next_result(open_web: Web) -> None:
    first = (await open_web.next()).json()
    await changed(open_web, attempts_max=1)
    voters = [voter["voter_id"] for voter in first["voters"]]
    history = await open_web.house.log.find(first["assignment_id"])
    assert history is not None
    await open_web.house.call_ended(history.facts[0], Disposition.NOT_HOME, voters=voters)
    for voter in voters:
        assert (await open_web.house.row(voter))["done_banks"] == ["bank"]


async def test_a_bank_only_for_others_turns_the_caller_away(open_web: Web) -> None:
    await changed(open_web, organization_ids=["another"])
    is_problem(await open_web.next(), 403, "not-your-phone-bank")


async def test_what_does_not_fit_is_refused_with_a_sentence(open_web: Web) -> None:
    refused = is_problem(
        await open_web.send(organizer(), "PATCH", PATH, {"attempts_max": 99}),
        422,
        "phone-bank-invalid",
    )
    assert refused["detail"] == "attempts_max: give 1 to 10."
    unknown = await open_web.send(organizer(), "PATCH", PATH, {"universe_id": "other"})
    is_problem(unknown, 422, "invalid")
    no_key = await open_web.send(organizer(), "PATCH", PATH, {"name": "M"}, idempotency_key="")
    is_problem(no_key, 422, "idempotency-key-missing")
    await open_web.house.run("bank", ClosePhoneBank())
    is_problem(await open_web.send(organizer(), "PATCH", PATH, {"name": "M"}), 409, "closed")


async def test_a_repeated_change_is_made_once(open_web: Web) -> None:
    for _ in range(2):
        answer = await open_web.send(
            organizer(), "PATCH", PATH, {"name": "Mornings"}, idempotency_key="k"
        )
        assert answer.json()["name"] == "Mornings"
    history = await open_web.house.log.read("bank-bank")
    assert [type(fact).__name__ for fact in history.facts].count("PhoneBankChanged") == 1


# Clones


async def test_a_clone_has_the_settings_and_the_script_but_for_what_is_sent(open_web: Web) -> None:
    await changed(open_web, caller_note="Be kind.", attempts_max=5)
    made = await open_web.send(
        organizer(), "POST", f"{PATH}/clones", {"name": "Evenings (copy)", "attempts_max": 2}
    )
    assert made.status_code == 201
    clone = made.json()["bank_id"]
    read = await open_web.send(organizer(), "GET", f"/queue/phone-banks/{clone}/settings")
    body = read.json()
    assert (body["name"], body["attempts_max"]) == ("Evenings (copy)", 2)
    assert (body["caller_note"], body["universe_id"]) == ("Be kind.", UNIVERSE)
    assert (body["stage"], body["script_version"]) == ("created", 1)
    assert body["organization_ids"] == [ORGANIZATION]
    opened = await open_web.send(organizer(), "POST", f"/queue/phone-banks/{clone}/open", {})
    assert opened.json()["stage"] == "open"


async def test_an_end_that_is_past_is_not_cloned(open_web: Web) -> None:
    await changed(open_web, closes_at="2026-10-07T12:00:00Z")
    open_web.house.clock.at = at(8, 12)
    made = await open_web.send(organizer(), "POST", f"{PATH}/clones", {})
    clone = made.json()["bank_id"]
    read = await open_web.send(organizer(), "GET", f"/queue/phone-banks/{clone}/settings")
    assert read.json()["closes_at"] is None


# Scripts


async def test_a_text_is_tried_without_a_trace_and_published_as_a_version(open_web: Web) -> None:
    tried = await open_web.send(
        organizer(),
        "POST",
        f"{PATH}/script-drafts",
        {"text": TEXT, "voter": {"first_name": "Maria"}},
    )
    body = tried.json()
    assert (body["errors"], body["warnings"]) == ([], [])
    assert body["script"]["blocks"][0]["text"] == "Hello Maria!"
    assert body["script"]["version"] == 2
    unknown = await open_web.send(
        organizer(), "POST", f"{PATH}/script-drafts", {"text": TEXT, "voter": {}}
    )
    assert unknown.json()["script"]["blocks"][0]["text"] == "Hello there!"
    assert len((await open_web.send(organizer(), "GET", f"{PATH}/scripts")).json()["versions"]) == 1
    done = await open_web.send(organizer(), "PUT", f"{PATH}/script", {"text": TEXT})
    assert done.json() == {"script_version": 2}
    shown = (await open_web.next()).json()["script"]
    assert shown["version"] == 2
    assert shown["blocks"][2]["show_if"] == {"block": "support", "value": "2", "test": "at_most"}


async def test_faults_come_by_line_and_nothing_is_published(open_web: Web) -> None:
    faulty = TEXT.replace("? support", "? suport")
    tried = await open_web.send(organizer(), "POST", f"{PATH}/script-drafts", {"text": faulty})
    body = tried.json()
    assert body["script"] is None
    assert body["errors"][0]["line"] == 3
    refused = await open_web.send(organizer(), "PUT", f"{PATH}/script", {"text": faulty})
    problem = is_problem(refused, 422, "script-invalid")
    assert problem["errors"][0] == body["errors"][0]
    assert problem["detail"].startswith("Line 3: ")
    for body in ({}, {"text": TEXT, "script": SCRIPT}):
        refused = await open_web.send(organizer(), "PUT", f"{PATH}/script", body)
        is_problem(refused, 422, "script-invalid")


async def test_two_organizers_do_not_publish_over_each_other(open_web: Web) -> None:
    body = {"text": TEXT, "after": 1}
    for _ in range(2):  # The same request again is the same answer.
        done = await open_web.send(
            organizer(), "PUT", f"{PATH}/script", body, idempotency_key="mine"
        )
        assert done.json() == {"script_version": 2}
    theirs = {"text": TEXT.replace("help", "join us"), "after": 1}
    refused = await open_web.send(organizer(), "PUT", f"{PATH}/script", theirs)
    is_problem(refused, 409, "script-moved")


async def test_every_version_can_be_read_again_and_made_the_newest(open_web: Web) -> None:
    await open_web.send(organizer(), "PUT", f"{PATH}/script", {"text": TEXT})
    await open_web.house.catch_up()
    listed = (await open_web.send(organizer(), "GET", f"{PATH}/scripts")).json()["versions"]
    assert [each["version"] for each in listed] == [2, 1]
    assert all(each["published_at"] for each in listed)
    first = (await open_web.send(organizer(), "GET", f"{PATH}/scripts/1")).json()
    assert first["script"] == validate(SCRIPT)
    assert first["text"] == as_text(SCRIPT)
    back = await open_web.send(organizer(), "PUT", f"{PATH}/script", {"text": first["text"]})
    assert back.json() == {"script_version": 3}
    third = (await open_web.send(organizer(), "GET", f"{PATH}/scripts/3")).json()
    assert third["script"] == first["script"]
    for version in (0, 4):
        missing = await open_web.send(organizer(), "GET", f"{PATH}/scripts/{version}")
        is_problem(missing, 404, "no-such-version")


# Who may


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", PATH, {"name": "Mornings"}),
        ("GET", f"{PATH}/settings", None),
        ("POST", f"{PATH}/clones", {}),
        ("PUT", f"{PATH}/script", {"text": TEXT}),
        ("POST", f"{PATH}/script-drafts", {"text": TEXT}),
        ("GET", f"{PATH}/scripts", None),
        ("GET", f"{PATH}/scripts/1", None),
    ],
)
async def test_only_who_runs_phone_banks_for_the_campaign(
    open_web: Web, method: str, path: str, body: Any
) -> None:
    for who in (caller(), organizer("another")):
        is_problem(await open_web.send(who, method, path, body), 403, "not-allowed")
    is_problem(await open_web.send(None, method, path, body), 401, "unauthenticated")
    missing = path.replace("phone-banks/bank", "phone-banks/none")
    is_problem(await open_web.send(organizer(), method, missing, body), 404, "no-such-phone-bank")


# Pages


async def test_the_pages_are_an_organizers(open_web: Web) -> None:
    house = open_web.house
    await house.tell("c", CampaignCreated(campaign_id=CAMPAIGN, slug="marlowe", name="Marlowe 26"))
    await house.tell("o", OrganizationAdmitted(campaign_id=CAMPAIGN, organization_id=ORGANIZATION))
    await house.found_organization()
    await house.tell(
        "u",
        UniverseDefined(
            campaign_id=CAMPAIGN, universe_id=UNIVERSE, name="Erie and around", selection={}
        ),
    )
    await house.catch_up()
    pages = {
        f"/campaigns/{CAMPAIGN}/set-up": ("Marlowe 26", "Evenings", "Erie and around"),
        f"/campaigns/{CAMPAIGN}/set-up/new?universe={UNIVERSE}": ("Erie and around", "DVC"),
        f"/campaigns/{CAMPAIGN}/set-up/new?from=bank": ("Evenings (copy)", "Clone it"),
        f"/campaigns/{CAMPAIGN}/set-up/bank": ("4 voters are left", "A script is published"),
        f"/campaigns/{CAMPAIGN}/set-up/bank/script": ("Will you vote for {candidate}?",),
    }
    for path, words in pages.items():
        page = await open_web.send(organizer(), "GET", path)
        assert page.status_code == 200, path
        for each in words:
            assert each in page.text, (path, each)
        for who in (caller(), organizer("another")):
            assert (await open_web.send(who, "GET", path)).status_code == 403, path
        visitor = await open_web.http.get(path)
        assert visitor.status_code == 303
        assert visitor.headers["location"].startswith("/log-in?next=/campaigns")


async def test_a_bank_of_another_campaign_is_not_there(open_web: Web) -> None:
    await open_web.house.open_bank("theirs", campaign_id="another")
    for path in ("theirs", "theirs/script", "new?from=theirs", "none"):
        page = await open_web.send(organizer(), "GET", f"/campaigns/{CAMPAIGN}/set-up/{path}")
        assert page.status_code in {403, 404}, path
    listed = await open_web.send(organizer(), "GET", f"/campaigns/{CAMPAIGN}/set-up")
    assert "theirs" not in listed.text
    both = organizer("another")
    page = await open_web.send(both, "GET", "/campaigns/another/set-up/bank")
    assert page.status_code == 403


async def test_an_empty_campaign_is_led_to_its_first_call(web: Web) -> None:
    page = await web.send(organizer(), "GET", f"/campaigns/{CAMPAIGN}/set-up")
    for place in ("imports", "universes", "set-up/new"):
        assert f'href="/campaigns/{CAMPAIGN}/{place}"' in page.text
    new = await web.send(organizer(), "GET", f"/campaigns/{CAMPAIGN}/set-up/new")
    assert "There is no universe yet" in new.text


async def test_the_page_of_a_bank_has_the_buttons_that_fit_its_stage(open_web: Web) -> None:
    path = f"/campaigns/{CAMPAIGN}/set-up/bank"
    for run, shown, hidden in (
        (None, ("pause", "close"), ("open",)),
        ("pause", ("open", "close"), ("pause",)),
        ("close", (), ("open", "pause", "close")),
    ):
        if run is not None:
            assert (await open_web.send(organizer(), "POST", f"{PATH}/{run}", {})).is_success
        page = (await open_web.send(organizer(), "GET", path)).text
        for each in shown:
            assert f'data-run="{each}" data-bank="bank"' in page, (run, each)
        for each in hidden:
            assert f'data-run="{each}"' not in page, (run, each)


async def test_open_is_the_first_button_only_where_everything_is_ready(open_web: Web) -> None:
    await open_web.house.open_bank("idle", universe_id="nobody", name="Idle")
    for bank_id, kind in (("bank", "primary"), ("idle", "secondary")):
        paused = await open_web.send(organizer(), "POST", f"/queue/phone-banks/{bank_id}/pause", {})
        assert paused.is_success
        path = f"/campaigns/{CAMPAIGN}/set-up/{bank_id}"
        page = (await open_web.send(organizer(), "GET", path)).text
        button = f'<button class="button button-{kind} button-small" type="button" data-run="open"'
        assert button in page, bank_id
