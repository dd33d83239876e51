"""The queue over HTTP: statuses, problems, who may what, and the same answer for a repeat."""

from datetime import UTC, datetime

import pytest

from libs.chassis.tickets import Receipt, Ticket, TicketOffice
from libs.chassis.tokens import Tokens
from libs.events.results import Disposition
from libs.hours import DEFAULT_HOURS
from tests.queue.house import CAMPAIGN, ORGANIZATION, SCRIPT, UNIVERSE, caller, organizer
from tests.queue.lines import at
from tests.queue.web import KEY, Web, is_problem

pytestmark = pytest.mark.real

OFFICE = TicketOffice(KEY)
BANK = {
    "campaign_id": CAMPAIGN,
    "name": "Evenings",
    "candidate": "Ida Marlowe",
    "state": "PA",
    "purpose": "identification",
    "universe_id": UNIVERSE,
    "organization_ids": [ORGANIZATION],
}


# The next voter


async def test_the_next_voter_comes_with_everything_the_caller_needs(open_web: Web) -> None:
    answer = await open_web.next()
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert datetime.fromisoformat(body["lease_expires_at"]) == at(6, 10, 10)
    assert body["practice"] is False
    assert body["line"]["e164"] == "+18145550100"
    assert [voter["name"] for voter in body["voters"]] == ["Ann Madeup", "Bob Madeup"]
    assert body["voters"][0]["local_time"] == "2026-10-06T10:00:00-04:00"
    assert body["voters"][0]["local_time_zone"] == "America/New_York"
    assert body["script"]["blocks"][0]["text"] == "Hello Ann of Erie!"
    assert body["script"]["blocks"][1]["text"] == "Will you vote for Ida Marlowe?"
    assert body["script"]["thanks"] == "Thank you, Ann!"
    values = [each["value"] for each in body["dispositions"]]
    assert values[:7] == [
        "not_home", "busy", "wrong_number", "disconnected", "refused", "deceased", "canvassed",
    ]  # fmt: skip
    assert "left_message" not in values
    assert body["progress"] == {"calls_today": 0}
    ticket = OFFICE.read(body["ticket"], Ticket, open_web.house.clock())
    assert ticket.assignment_id == body["assignment_id"]
    assert ticket.voter_ids == ("ann", "bob")
    assert (ticket.slot, ticket.line_version) == (1, 1)
    assert (ticket.support_question, ticket.volunteer_question) == ("support", None)


async def test_only_where_the_campaign_allows_it_a_message_may_be_left(web: Web) -> None:
    await web.house.import_voters({"one": ["ann"]})
    await web.house.open_bank(messages_allowed=True)
    body = (await web.next()).json()
    assert "left_message" in [each["value"] for each in body["dispositions"]]


async def test_a_repeat_is_answered_alike_and_another_body_under_its_key_is_not(
    open_web: Web,
) -> None:
    first = await open_web.next(idempotency_key="mine")
    again = await open_web.next(idempotency_key="mine")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = await open_web.next(body={"receipt": None, "more": 1}, idempotency_key="mine")
    is_problem(other, 422, "idempotency-key-reused")


async def test_without_a_receipt_the_open_one_with_it_the_next(open_web: Web) -> None:
    first = (await open_web.next()).json()
    again = await open_web.next()
    assert again.status_code == 200
    assert again.json()["assignment_id"] == first["assignment_id"]
    receipt = Receipt(
        caller_id="casper",
        campaign_id=CAMPAIGN,
        bank_id="bank",
        assignment_id=first["assignment_id"],
        line_id=first["line"]["line_id"],
        call_id="call",
        slot=1,
        complete=True,
        expires_at=datetime(2027, 1, 1, tzinfo=UTC),
    )
    second = await open_web.next(body={"receipt": OFFICE.sign(receipt)})
    assert second.status_code == 201
    assert second.json()["line"]["line_id"] != first["line"]["line_id"]
    assert second.json()["progress"] == {"calls_today": 1}
    is_problem(await open_web.next(body={"receipt": "forged"}), 422, "ticket-invalid")


async def test_no_body_at_all_is_a_request_for_the_next_voter(open_web: Web) -> None:
    token = Tokens(KEY).sign(caller())
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "k"}
    answer = await open_web.http.post("/queue/phone-banks/bank/assignments", headers=headers)
    assert answer.status_code == 201


async def test_who_is_nobody_gets_nobody(open_web: Web) -> None:
    path = "/queue/phone-banks/bank/assignments"
    is_problem(await open_web.http.post(path), 401, "unauthenticated")
    is_problem(await open_web.next(caller("x", "other")), 403, "not-your-phone-bank")
    is_problem(await open_web.next(bank_id="none"), 404, "no-such-phone-bank")
    token = Tokens(KEY).sign(caller())
    answer = await open_web.http.post(path, headers={"authorization": f"Bearer {token}"})
    is_problem(answer, 422, "idempotency-key-missing")
    is_problem(await open_web.next(body=[1]), 422, "body-invalid")


async def test_every_no_has_a_type_of_its_own(open_web: Web) -> None:
    for name in ("dora", "emil", "finn"):
        assert (await open_web.next(caller(name))).status_code == 201
    await open_web.house.catch_up()
    body = is_problem(await open_web.next(caller("gus")), 409, "all-in-progress")
    assert body["retry_after_seconds"] > 0
    open_web.house.clock.at = at(6, 22)
    await open_web.house.time_passes().tick()
    await open_web.house.catch_up()
    body = is_problem(await open_web.next(caller("gus")), 409, "outside-hours")
    assert datetime.fromisoformat(body["next_opening"]) == at(7, 9)
    assert body["zones"] == ["America/New_York"]
    for action, type in (("pause", "paused"), ("close", "closed")):
        done = await open_web.send(organizer(), "POST", f"/queue/phone-banks/bank/{action}", {})
        assert done.status_code == 200
        is_problem(await open_web.next(caller("gus")), 409, type)


@pytest.mark.parametrize("practice", [False, True])
async def test_a_bank_that_was_never_opened_is_not_open_yet(
    open_web: Web, *, practice: bool
) -> None:
    banks = "/queue/phone-banks"
    sent = BANK | {"practice": practice}
    bank_id = (await open_web.send(organizer(), "POST", banks, sent)).json()["bank_id"]
    body = is_problem(await open_web.next(bank_id=bank_id), 409, "not-open-yet")
    assert "have not opened this phone bank" in body["detail"]
    assert body["hours"] == (None if practice else DEFAULT_HOURS.model_dump(mode="json"))
    await open_web.send(organizer(), "PUT", f"{banks}/{bank_id}/script", {"script": SCRIPT})
    is_problem(await open_web.next(bank_id=bank_id), 409, "not-open-yet")
    for action, type in (("open", None), ("pause", "paused")):
        done = await open_web.send(organizer(), "POST", f"{banks}/{bank_id}/{action}", {})
        assert done.is_success
        if type is not None:
            is_problem(await open_web.next(bank_id=bank_id), 409, type)


# An assignment


async def test_a_heartbeat_says_until_when_the_lease_runs(open_web: Web) -> None:
    first = (await open_web.next()).json()
    path = f"/queue/assignments/{first['assignment_id']}/heartbeat"
    answer = await open_web.send(caller(), "POST", path, {})
    assert answer.json() == {"lease_expires_at": first["lease_expires_at"]}
    open_web.house.clock.forward(minutes=6)
    answer = await open_web.send(caller(), "POST", path, {})
    assert datetime.fromisoformat(answer.json()["lease_expires_at"]) == at(6, 10, 16)
    is_problem(await open_web.send(caller("dora"), "POST", path, {}), 403, "not-your-assignment")
    unknown = await open_web.send(caller(), "POST", "/queue/assignments/x/heartbeat", {})
    is_problem(unknown, 404, "no-such-assignment")
    await open_web.send(caller(), "DELETE", path.removesuffix("/heartbeat") + "?reason=left")
    is_problem(await open_web.send(caller(), "POST", path, {}), 409, "assignment-closed")


async def test_skipping_needs_a_reason_and_leads_to_another_voter(open_web: Web) -> None:
    first = (await open_web.next()).json()
    path = f"/queue/assignments/{first['assignment_id']}"
    is_problem(await open_web.send(caller(), "DELETE", path), 422, "reason-missing")
    is_problem(
        await open_web.send(caller("dora"), "DELETE", f"{path}?reason=left"),
        403,
        "not-your-assignment",
    )
    for _ in range(2):
        done = await open_web.send(caller(), "DELETE", f"{path}?reason=language")
        assert done.status_code == 204
    second = await open_web.next()
    assert second.status_code == 201
    assert second.json()["line"]["line_id"] != first["line"]["line_id"]


# Phone banks


async def test_an_organizer_sets_up_a_bank_and_callers_find_it(web: Web) -> None:
    await web.house.found_organization()
    await web.house.import_voters({"one": ["ann"]})
    created = await web.send(organizer(), "POST", "/queue/phone-banks", BANK, idempotency_key="k")
    assert created.status_code == 201
    path = f"/queue/phone-banks/{created.json()['bank_id']}"
    again = await web.send(organizer(), "POST", "/queue/phone-banks", BANK, idempotency_key="k")
    assert again.json() == created.json()
    is_problem(await web.send(organizer(), "POST", f"{path}/open", {}), 409, "script-missing")
    answer = await web.send(organizer(), "PUT", f"{path}/script", {"script": SCRIPT})
    assert answer.json() == {"script_version": 1}
    unfit = await web.send(organizer(), "PUT", f"{path}/script", {"script": {"blocks": []}})
    is_problem(unfit, 422, "script-invalid")
    opened = await web.send(organizer(), "POST", f"{path}/open", {})
    assert opened.json()["stage"] == "open"
    await web.house.catch_up()
    listed = await web.http.get("/queue/phone-banks?organization=dvc-palo-alto")
    (bank,) = listed.json()["phone_banks"]
    assert bank["bank_id"] == created.json()["bank_id"]
    assert (bank["candidate"], bank["state"], bank["callable_now"]) == ("Ida Marlowe", "PA", 1)
    other = await web.http.get("/queue/phone-banks?organization=dvc-palo-alto&state=oh")
    assert other.json()["phone_banks"] == []
    read = await web.send(caller(), "GET", path)
    assert read.json()["script"]["blocks"][0]["text"] == "Hello there of your town!"


async def test_only_who_runs_phone_banks_for_the_campaign_runs_one(open_web: Web) -> None:
    for who in (caller(), organizer("another")):
        refused = await open_web.send(who, "POST", "/queue/phone-banks", BANK)
        is_problem(refused, 403, "not-allowed")
        paused = await open_web.send(who, "POST", "/queue/phone-banks/bank/pause", {})
        is_problem(paused, 403, "not-allowed")
    is_problem(
        await open_web.send(None, "POST", "/queue/phone-banks", BANK), 401, "unauthenticated"
    )
    unknown = await open_web.http.get("/queue/phone-banks?organization=nobody")
    is_problem(unknown, 404, "no-such-organization")
    unfit = await open_web.send(organizer(), "POST", "/queue/phone-banks", BANK | {"state": "Ohio"})
    is_problem(unfit, 422, "phone-bank-invalid")


# Pages


async def test_the_calls_page_is_in_the_organizations_own_words(open_web: Web) -> None:
    await open_web.house.found_organization()
    await open_web.house.open_bank("practice", practice=True, name="Practice")
    await open_web.house.catch_up()
    page = await open_web.http.get("/calls/dvc-palo-alto")
    assert page.status_code == 200
    assert "Thank you for calling!" in page.text
    assert "Pennsylvania" in page.text
    assert "/call/bank" in page.text
    assert "/call/practice" in page.text
    assert page.text.count("you may practise at any hour") == 1
    missing = await open_web.http.get("/calls/nobody")
    assert missing.status_code == 404
    assert "text/html" in missing.headers["content-type"]


async def test_a_bank_with_nobody_to_call_now_has_a_quieter_button(open_web: Web) -> None:
    await open_web.house.found_organization()
    await open_web.house.open_bank("idle", universe_id="nobody", name="Idle")
    await open_web.house.catch_up()
    page = (await open_web.http.get("/calls/dvc-palo-alto")).text
    assert '<a class="button button-primary" href="/call/bank?' in page
    assert '<a class="button button-secondary" href="/call/idle?' in page


async def test_choosing_a_bank_leads_through_log_in_straight_to_the_call_screen(
    open_web: Web,
) -> None:
    visitor = await open_web.http.get("/call/bank")
    assert visitor.status_code == 303
    assert visitor.headers["location"] == "/log-in?next=%2Fcall%2Fbank"
    page = await open_web.send(caller(), "GET", "/call/bank")
    assert page.status_code == 200
    assert 'data-bank="bank"' in page.text
    assert 'data-caller="casper"' in page.text
    assert (await open_web.send(caller(), "GET", "/call/none")).status_code == 404


async def test_a_call_screen_tells_callers_of_others_nothing_but_where_to_go(open_web: Web) -> None:
    await open_web.house.found_organization()
    await open_web.house.catch_up()
    stranger = caller("x", "other")
    page = await open_web.send(stranger, "GET", "/call/bank?organization=dvc-palo-alto")
    assert page.status_code == 403
    for secret in ("Ida Marlowe", "Will you vote for", "Be brief", 'data-bank="bank"'):
        assert secret not in page.text
    assert "log out, open its Calls Page" in page.text
    assert 'href="/"' in page.text
    page = await open_web.send(caller(), "GET", "/call/bank")
    assert page.status_code == 200


async def test_the_script_can_be_read_before_the_first_voter(open_web: Web) -> None:
    visitor = await open_web.http.get("/call/bank/script?organization=dvc-palo-alto")
    assert visitor.status_code == 303
    assert visitor.headers["location"] == (
        "/log-in?next=%2Fcall%2Fbank%2Fscript%3Forganization%3Ddvc-palo-alto"
    )
    page = await open_web.send(caller(), "GET", "/call/bank/script")
    assert page.status_code == 200
    assert "Will you vote for Ida Marlowe?" in page.text
    assert "Hello [first name] of [their town]!" in page.text
    assert "Paid for by Friends of Ida Marlowe." in page.text
    assert 'data-bank="bank"' in page.text
    assert (await open_web.send(caller(), "GET", "/call/none/script")).status_code == 404
    refused = await open_web.send(caller("x", "other"), "GET", "/call/bank/script")
    assert refused.status_code == 403
    assert "Will you vote for" not in refused.text


async def test_health_and_openapi_answer(open_web: Web) -> None:
    assert (await open_web.http.get("/queue/livez")).status_code == 200
    assert (await open_web.http.get("/queue/readyz")).status_code == 200
    paths = (await open_web.http.get("/queue/openapi.json")).json()["paths"]
    assert "/queue/phone-banks/{bank_id}/assignments" in paths


async def test_a_do_not_call_reaches_who_asks_again(open_web: Web) -> None:
    """The whole way round: handed out, result by the bus, nobody is called there again."""
    first = (await open_web.next()).json()
    shown = OFFICE.read(first["ticket"], Ticket, open_web.house.clock())
    await open_web.house.call_ended(shown, Disposition.DO_NOT_CALL, voters=("ann",))
    lines = set()
    for name in ("dora", "emil"):
        lines.add((await open_web.next(caller(name))).json()["line"]["line_id"])
    assert first["line"]["line_id"] not in lines
    await open_web.house.catch_up()
    is_problem(await open_web.next(caller("finn")), 409, "all-in-progress")
