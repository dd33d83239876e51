"""The ActionID door: sign up, confirm, and tell nobody who has an account."""

import asyncio
import json
from email.message import EmailMessage

import httpx
import pytest

from libs.database import Database
from libs.events.identity import CallerConfirmed, CallerRegistered
from services.identity.mailer import Mailer
from services.identity.outbox import Outbox
from services.identity.people import People
from tests.identity.house import (
    ANOTHER_PASSWORD,
    MAIL_FROM,
    PASSWORD,
    Browser,
    House,
    link_in,
    text_of,
)

ANN = "ann@example.org"


def facts(house: House) -> list[object]:
    return [fact for commit in house.log.commits.values() for fact in commit.facts]


def alike(answer: httpx.Response) -> tuple[int, set[str], list[str]]:
    """What an answer shows to somebody who looks for differences; ids and dates differ anyway."""
    return answer.status_code, set(answer.json()), sorted(answer.headers)


async def test_scene_1_from_sign_up_to_the_first_voter(house: House) -> None:
    browser = await house.browser()
    signed_up = await browser.sign_up("Ann@Example.org", phone="000-000-0000", next="/call/b1")
    assert signed_up.status_code == 201
    early = await browser.log_in(ANN)
    assert early.status_code == 403
    assert early.json()["type"] == "/problems/not-confirmed"
    for hint in ("junk", "Phonebank Volunteers", "new link"):
        assert hint in early.json()["detail"]
    mail = (await house.mail(ANN))[0]
    assert mail["From"] == MAIL_FROM
    token, next_path = await house.link(ANN)
    assert next_path == "/call/b1"
    other_browser = await house.browser()
    confirmed = await other_browser.post("/identity/confirmations", {"token": token})
    assert confirmed.json() == {"confirmed": True, "next": "/call/b1"}
    me = await other_browser.get("/identity/sessions/current")
    assert me.json()["caller"]["first_name"] == "Ann"
    assert (await browser.log_in(ANN)).status_code == 201


async def test_facts_and_database_name_nobody(house: House, database: Database) -> None:
    await house.caller(ANN, phone="+1 650 555 0100", street="Elm Street 1")
    commits = [(c.id, c.stream, c.claims, c.facts, c.meta) for c in house.log.commits.values()]
    stored = [
        await database[name].find().to_list() for name in await database.list_collection_names()
    ]
    for text in ("ann", "Ann", "example.org", "Elm", "0100", PASSWORD):
        assert text not in repr(commits)
        assert text not in repr(stored)


async def test_a_repeat_registers_and_mails_once(house: House) -> None:
    browser = await house.browser()
    first = await browser.sign_up(ANN, key="k")
    await house.mail(ANN)
    again = await browser.sign_up(ANN, key="k")
    assert again.status_code == 201
    assert again.json() == first.json()
    assert len(await house.mail(ANN)) == 1
    assert [type(fact) for fact in facts(house)] == [CallerRegistered]


@pytest.mark.parametrize("known", [True, False])
async def test_another_body_under_the_same_key_is_sent_back(house: House, known: bool) -> None:  # noqa: FBT001 - a parameter of the test.
    if known:
        await house.caller(ANN)
    browser = await house.browser()
    assert (await browser.sign_up(ANN, key="k")).status_code == 201
    other = await browser.sign_up(ANN, key="k", first_name="Bob")
    assert other.status_code == 422
    assert other.json()["type"] == "/problems/idempotency-key-reused"


async def test_a_known_address_is_answered_alike_and_its_owner_told(house: House) -> None:
    await house.caller(ANN)
    before = list(facts(house))
    browser = await house.browser()
    known = await browser.sign_up(ANN, password=ANOTHER_PASSWORD)
    unknown = await browser.sign_up("bob@example.org", password=ANOTHER_PASSWORD)
    assert alike(known) == alike(unknown)
    assert "set-cookie" not in known.headers
    mail = (await house.mail(ANN))[-1]
    assert mail["Subject"] == "You already have an account"
    assert "/confirm?" not in text_of(mail)
    assert [f for f in facts(house) if f not in before] == [
        CallerRegistered(caller_id=unknown.json()["caller_id"], door="action_id")
    ]
    assert (await browser.log_in(ANN)).status_code == 201
    assert (await browser.log_in(ANN, ANOTHER_PASSWORD)).status_code == 401
    assert await house.database["people"].count_documents({}) == 2


async def test_two_sign_ups_at_once_make_one_caller(house: House) -> None:
    one, two = await house.browser(), await house.browser()
    answers = await asyncio.gather(one.sign_up(ANN), two.sign_up(ANN))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len([fact for fact in facts(house) if isinstance(fact, CallerRegistered)]) == 1


async def test_nobody_slips_a_password_under_an_unconfirmed_address(house: House) -> None:
    """A stranger signs up with Ann's address first; what Ann typed is what her link confirms."""
    stranger, ann = await house.browser(), await house.browser()
    await stranger.sign_up(ANN, password=ANOTHER_PASSWORD, first_name="Mallory")
    await house.mail(ANN)
    await ann.sign_up(ANN)
    token, _ = await house.link(ANN)
    assert (await ann.post("/identity/confirmations", {"token": token})).status_code == 200
    assert (await stranger.log_in(ANN, ANOTHER_PASSWORD)).status_code == 401
    logged_in = await ann.log_in(ANN)
    assert logged_in.json()["caller"]["first_name"] == "Ann"
    assert await house.database["people"].count_documents({}) == 1


async def test_a_link_used_twice_answers_alike_but_logs_in_once(house: House) -> None:
    browser = await house.browser()
    await browser.sign_up(ANN)
    token, _ = await house.link(ANN)
    first, second = await house.browser(), await house.browser()
    answers = [await b.post("/identity/confirmations", {"token": token}) for b in (first, second)]
    assert answers[0].json() == answers[1].json()
    assert "set-cookie" in answers[0].headers
    assert "set-cookie" not in answers[1].headers
    assert len([fact for fact in facts(house) if isinstance(fact, CallerConfirmed)]) == 1


async def test_a_strangers_link_does_not_switch_accounts(house: House) -> None:
    ann = await house.caller(ANN)
    mallory = await house.browser()
    await mallory.sign_up("mallory@example.org", first_name="Mallory")
    token, _ = await house.link("mallory@example.org")
    answer = await ann.post("/identity/confirmations", {"token": token})
    assert "set-cookie" not in answer.headers
    me = await ann.get("/identity/sessions/current")
    assert me.json()["caller"]["first_name"] == "Ann"


@pytest.mark.parametrize("token", ["", "x", "A" * 43])
async def test_a_made_up_link_says_how_to_get_another(house: House, token: str) -> None:
    browser = await house.browser()
    answer = await browser.post("/identity/confirmations", {"token": token})
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/link-invalid"
    assert "new one" in answer.json()["detail"]


async def test_an_old_link_is_refused_and_another_can_be_had(house: House) -> None:
    browser = await house.browser()
    await browser.sign_up(ANN, next="/call/b1")
    old, _ = await house.link(ANN)
    house.clock.forward(hours=24)
    assert (await browser.post("/identity/confirmations", {"token": old})).status_code == 422
    resent = await browser.post("/identity/confirmations/resend", {"email": ANN})
    assert resent.status_code == 202
    token, next_path = await house.link(ANN)
    assert next_path == "/call/b1"
    assert (await browser.post("/identity/confirmations", {"token": token})).status_code == 200


async def test_resend_tells_nobody_who_has_an_account(house: House) -> None:
    await house.caller("bob@example.org")
    browser = await house.browser()
    await browser.sign_up(ANN)
    answers = [
        await browser.post("/identity/confirmations/resend", {"email": email})
        for email in (ANN, "bob@example.org", "nobody@example.org")
    ]
    assert len({json.dumps([a.status_code, a.json(), sorted(a.headers)]) for a in answers}) == 1
    assert answers[0].status_code == 202
    assert link_in((await house.mail(ANN))[-1])
    assert (await house.mail("bob@example.org"))[-1]["Subject"] == "You already have an account"
    assert await house.mail("nobody@example.org") == []


@pytest.mark.parametrize("known", [True, False])
async def test_nobodys_mailbox_is_flooded(house: House, known: bool) -> None:  # noqa: FBT001 - a parameter of the test.
    browser = await house.browser()
    if known:
        await house.caller(ANN)
    answers = [
        await browser.post("/identity/confirmations/resend", {"email": ANN}) for _ in range(12)
    ]
    refused = answers[-1]
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "junk" in refused.json()["detail"]


@pytest.mark.parametrize(
    "next_path", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"]
)
async def test_next_never_leads_to_another_site(house: House, next_path: str) -> None:
    browser = await house.browser()
    assert (await browser.sign_up(ANN, next=next_path)).status_code == 201
    assert "evil" not in text_of((await house.mail(ANN))[0])
    token, kept = await house.link(ANN)
    assert kept is None
    answer = await browser.post("/identity/confirmations", {"token": token})
    assert answer.json()["next"] == "/"


async def test_the_calls_page_one_came_from_is_in_the_mail(house: House) -> None:
    await house.organizer()
    browser = await house.browser()
    await browser.sign_up(ANN, next="/calls/dvc-palo-alto")
    text = text_of((await house.mail(ANN))[0])
    assert "https://phonebank.example/calls/dvc-palo-alto" in text
    assert "help@dvc.example" in text


async def test_a_name_is_no_advertisement(house: House) -> None:
    browser = await house.browser()
    await browser.sign_up(ANN, first_name="Win at https://spam.example now")
    message = (await house.mail(ANN))[0]
    assert "spam" not in message.as_string()
    assert text_of(message).startswith("Hello,")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "ann"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "password123"}, "password"),
        ({"first_name": " "}, "first_name"),
    ],
)
async def test_a_slip_is_named_at_its_field(
    house: House, change: dict[str, str], field: str
) -> None:
    browser = await house.browser()
    body = {"email": ANN, "password": PASSWORD, "first_name": "Ann"} | change
    answer = await browser.post("/identity/callers", body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == field
    assert change.get("password", "short") not in answer.text.replace("shorter", "")
    assert facts(house) == []


async def test_only_json_is_read(house: House) -> None:
    browser = await house.browser()
    body = json.dumps({"email": ANN, "password": PASSWORD, "first_name": "Ann"})
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = await browser.client.post(
            "/identity/callers", content=body, headers={"content-type": kind}
        )
        assert answer.status_code == 415
        assert "application/json" in answer.json()["detail"]


async def test_a_command_needs_its_key(house: House) -> None:
    browser = await house.browser()
    body = {"email": ANN, "password": PASSWORD, "first_name": "Ann"}
    answer = await browser.client.post("/identity/callers", json=body)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/idempotency-key-missing"


class Crash(BaseException):
    """The process ends here."""


async def crash(*_: object, **__: object) -> None:
    raise Crash


@pytest.mark.parametrize(
    ("place", "step"), [(People, "write"), (Outbox, "post"), ("log", "append")]
)
async def test_a_crash_at_any_step_is_completed_by_the_repeat(
    house: House, monkeypatch: pytest.MonkeyPatch, place: object, step: str
) -> None:
    browser = await house.browser()
    with monkeypatch.context() as patched:
        patched.setattr(house.log if place == "log" else place, step, crash)
        with pytest.raises(Crash):
            await browser.sign_up(ANN, key="k")
    assert facts(house) == []
    assert await house.mail(ANN) == []
    house.clock.forward(seconds=5)
    assert (await browser.sign_up(ANN, key="k")).status_code == 201
    house.clock.forward(seconds=5)
    assert len(await house.mail(ANN)) == 1
    token, _ = await house.link(ANN)
    assert (await browser.post("/identity/confirmations", {"token": token})).status_code == 200


async def test_a_sign_up_that_never_came_about_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await house.browser()
    with monkeypatch.context() as patched:
        patched.setattr(house.log, "append", crash)
        with pytest.raises(Crash):
            await browser.sign_up(ANN, key="k")
    house.clock.forward(hours=2)
    assert await house.mail(ANN) == []
    assert await house.database["people"].count_documents({}) == 0
    assert (await browser.sign_up(ANN, key="k")).status_code == 201
    assert len(await house.mail(ANN)) == 1


async def test_a_mail_outlives_the_mailer(house: House) -> None:
    browser = await house.browser()
    await browser.sign_up(ANN)
    records = house.desk.records
    tried: list[EmailMessage] = []

    async def die(message: EmailMessage) -> None:
        tried.append(message)
        raise Crash

    dying = Mailer(
        records.outbox, records.correspondence, die, mail_from=MAIL_FROM, now=house.clock
    )
    with pytest.raises(Crash):
        await dying.send_next()
    assert await house.mail(ANN) == []  # Another mailer still holds the lease.
    house.clock.forward(minutes=2)
    sent = (await house.mail(ANN))[0]
    assert sent["Message-ID"] == tried[0]["Message-ID"]
    assert link_in(sent) == link_in(tried[0])
    assert await finish(browser, link_in(sent)) == 200


async def finish(browser: Browser, link: str) -> int:
    token = httpx.URL(link).params["token"]
    return (await browser.post("/identity/confirmations", {"token": token})).status_code
