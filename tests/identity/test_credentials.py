"""Forgotten and changed passwords: links that work once, sessions elsewhere that end."""

import asyncio
import re
from typing import Any

import httpx
import pytest

from libs.events.identity import SessionsRevoked
from services.identity.attempts import MAILS_TO_ONE_ADDRESS
from tests.identity.by_mail import BEA, code_for, log_in, registered
from tests.identity.house import ANOTHER_PASSWORD, PASSWORD, Browser, House, text_of
from tests.identity.test_founding import facts, fold_views

ANN = "ann@example.org"
NOBODY = "nobody@example.org"


async def forget(browser: Browser, email: str = ANN, **more: Any) -> httpx.Response:
    return await browser.post("/identity/password-resets", {"email": email} | more)


async def token_for(house: House, email: str = ANN) -> str:
    """The token of the newest reset link."""
    mails = [text_of(mail) for mail in await house.mail(email) if "Choose" in str(mail["Subject"])]
    found = re.search(r"/reset\?token=(\S+)", mails[-1])
    assert found
    return found.group(1)


async def reset(browser: Browser, token: str, password: str = ANOTHER_PASSWORD) -> httpx.Response:
    return await browser.post("/identity/passwords", {"token": token, "password": password})


async def lives(browser: Browser) -> bool:
    return (await browser.get("/identity/sessions/current")).is_success


async def test_a_forgotten_password_is_chosen_anew_and_others_are_out(house: House) -> None:
    stranger = await house.caller(ANN)
    signed = await house.app.state.exchange(stranger.client.cookies[house.desk.cookie])
    visitor = await house.browser()
    assert (await forget(visitor, next="/call/b1")).status_code == 202
    token = await token_for(house)
    page = await visitor.get("/reset", params={"token": token})
    assert (page.status_code, token in page.text) == (200, True)
    answer = await reset(visitor, token)
    assert (answer.status_code, answer.json()) == (200, {"next": "/call/b1"})
    assert not await lives(stranger)
    # A token that is out already stops, too: by this process at once, by all through the fact.
    headers = {"authorization": f"Bearer {signed}"}
    assert (await visitor.get("/identity/sessions/current", headers=headers)).status_code == 401
    assert len(facts(house, SessionsRevoked)) == 1
    assert (await visitor.log_in(ANN)).status_code == 401
    assert (await visitor.log_in(ANN, ANOTHER_PASSWORD)).status_code == 201
    assert await lives(visitor)


async def test_the_link_works_once_for_an_hour_and_the_newest_only(house: House) -> None:
    await house.caller(ANN)
    visitor = await house.browser()
    await forget(visitor)
    first = await token_for(house)
    await forget(visitor)
    second = await token_for(house)
    assert (await reset(visitor, first)).status_code == 422
    answers = await asyncio.gather(*(reset(visitor, second) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422]
    await forget(visitor)
    third = await token_for(house)
    house.clock.forward(hours=1)
    assert (await reset(visitor, third)).status_code == 422
    assert (await reset(visitor, "made up")).status_code == 422


async def test_a_weak_choice_is_refused_and_the_link_lives(house: House) -> None:
    await house.caller(ANN)
    visitor = await house.browser()
    await forget(visitor)
    token = await token_for(house)
    for weak in ("short", "password1", ANN):
        assert (await reset(visitor, token, weak)).json()["type"] == "/problems/password-refused"
    assert (await reset(visitor, token)).status_code == 200


async def test_an_unknown_address_is_answered_alike_and_mailed_nothing(house: House) -> None:
    await house.caller(ANN)
    visitor = await house.browser()
    known, unknown = await forget(visitor), await forget(visitor, NOBODY)
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert await house.mail(NOBODY) == []
    for _ in range(MAILS_TO_ONE_ADDRESS.amount):
        last = await forget(visitor, NOBODY)
    assert last.status_code == 429


async def test_the_link_is_kept_as_a_hash_and_named_nowhere(house: House) -> None:
    await house.caller(ANN)
    await forget(await house.browser())
    token = await token_for(house)
    for name in await house.database.list_collection_names():
        assert token not in repr(await house.database[name].find().to_list())
    assert token not in repr(house.log.commits)


async def test_it_confirms_an_address_that_was_not(house: House) -> None:
    """Whoever reads the mailbox is its owner, whatever a stranger typed for it before."""
    visitor = await house.browser()
    await visitor.sign_up(ANN)
    await forget(visitor)
    assert (await reset(visitor, await token_for(house))).status_code == 200
    assert (await visitor.log_in(ANN)).status_code == 401
    assert (await visitor.log_in(ANN, ANOTHER_PASSWORD)).status_code == 201


async def test_a_password_is_changed_by_who_knows_it(house: House) -> None:
    ann, elsewhere = await house.caller(ANN), await house.browser()
    await elsewhere.log_in(ANN)
    path = "/identity/callers/current/password"
    for current in (None, "", "wrong one"):
        body = {"current": current, "password": ANOTHER_PASSWORD}
        assert (await ann.put(path, body)).json()["type"] == "/problems/wrong-password"
    weak = await ann.put(path, {"current": PASSWORD, "password": "short"})
    assert weak.json()["type"] == "/problems/password-refused"
    assert await lives(elsewhere)
    kept = await ann.put(path, {"current": PASSWORD, "password": ANOTHER_PASSWORD})
    assert kept.status_code == 204
    assert (await lives(ann), await lives(elsewhere)) == (True, False)
    assert (await elsewhere.log_in(ANN)).status_code == 401
    assert (await elsewhere.log_in(ANN, ANOTHER_PASSWORD)).status_code == 201
    stranger = await house.browser()
    assert (await stranger.put(path, {"password": ANOTHER_PASSWORD})).status_code == 401


async def test_a_first_password_needs_a_code_from_the_mailbox(house: House) -> None:
    """Somebody at an open browser, or with its cookie, must not get in for good."""
    await house.organizer()
    await fold_views(house)
    bea = await registered(house)
    await log_in(bea, code=await code_for(house))
    path = "/identity/callers/current/password"
    chosen = {"password": ANOTHER_PASSWORD}
    for proof in ({}, {"current": ""}, {"current": PASSWORD}, {"code": ""}, {"code": "none"}):
        refused = await bea.put(path, chosen | proof)
        assert (refused.status_code, refused.json()["type"]) == (401, "/problems/wrong-code")
    assert (await (await house.browser()).log_in(BEA, ANOTHER_PASSWORD)).status_code == 401
    page = (await bea.get("/you")).text
    form = page[page.index("data-password") : page.index("data-log-out-everywhere")]
    assert 'name="code"' in form
    assert "data-mail-code" in form
    assert 'name="current"' not in form
    await bea.post("/identity/callers/current/codes", {})
    code = await code_for(house, BEA)
    weak = await bea.put(path, {"password": "short", "code": code})
    assert weak.json()["type"] == "/problems/password-refused"
    assert (await bea.put(path, chosen | {"code": code})).status_code == 204
    assert (await bea.put(path, chosen | {"code": code})).status_code == 401  # It works once.
    assert (await (await house.browser()).log_in(BEA, ANOTHER_PASSWORD)).status_code == 201
    assert 'name="current"' in (await bea.get("/you")).text


async def test_the_owner_is_told_of_every_new_password(house: House) -> None:
    ann = await house.caller(ANN)
    body = {"current": PASSWORD, "password": ANOTHER_PASSWORD}
    assert (await ann.put("/identity/callers/current/password", body)).status_code == 204
    visitor = await house.browser()
    await forget(visitor)
    assert (await reset(visitor, await token_for(house), PASSWORD)).status_code == 200
    mails = await house.mail(ANN)
    notices = [mail for mail in mails if str(mail["Subject"]) == "Your password was changed"]
    assert len(notices) == 2
    assert "https://phonebank.example/forgot" in text_of(notices[0])
    assert PASSWORD not in text_of(notices[1])


async def test_guessing_the_password_of_an_open_session_ends_in_waiting(house: House) -> None:
    ann = await house.caller(ANN)
    path = "/identity/callers/current/password"
    body = {"current": "wrong one", "password": ANOTHER_PASSWORD}
    answers = [(await ann.put(path, body)).status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]


async def test_a_reset_voids_open_log_in_links_and_known_browsers(house: House) -> None:
    await house.caller(ANN)
    await house.database["devices"].insert_one(
        {
            "_id": "of a stranger",
            "caller_id": (await house.database["sessions"].find_one({}) or {})["caller_id"],
            "organization_id": None,
            "expires_at": house.clock(),
        }
    )
    visitor = await house.browser()
    await forget(visitor)
    await reset(visitor, await token_for(house))
    assert await house.database["devices"].count_documents({}) == 0
    assert await house.database["links"].count_documents({"purpose": {"$ne": "confirmation"}}) == 0


async def test_log_out_everywhere(house: House) -> None:
    ann, elsewhere = await house.caller(ANN), await house.browser()
    await elsewhere.log_in(ANN)
    assert (await ann.delete("/identity/sessions")).status_code == 204
    assert (await lives(ann), await lives(elsewhere)) == (False, False)
    assert facts(house, SessionsRevoked)[-1].session_id is None
    assert (await ann.delete("/identity/sessions")).status_code == 401


@pytest.mark.parametrize("text", ["", "Because she fixed our school's roof.", "x" * 4_000])
async def test_own_words_are_kept_for_one_bank_and_one_caller(house: House, text: str) -> None:
    ann, bea = await house.caller(ANN), await house.caller("bea@example.org")
    path = "/identity/callers/current/own-words"
    assert (await ann.get(f"{path}/b1")).json() == {"text": ""}
    assert (await ann.put(f"{path}/b1", {"text": "first"})).status_code == 200
    assert (await ann.put(f"{path}/b1", {"text": text})).json() == {"text": text}
    assert (await ann.get(f"{path}/b1")).json() == {"text": text}
    assert (await ann.get(f"{path}/b2")).json() == {"text": ""}
    assert (await bea.get(f"{path}/b1")).json() == {"text": ""}
    assert (await (await house.browser()).get(f"{path}/b1")).status_code == 401
    assert (await ann.put(f"{path}/b1", {"text": "x" * 4_001})).status_code == 422


async def test_own_words_are_sealed_and_erased_with_the_caller(house: House) -> None:
    ann = await house.caller(ANN)
    await ann.put("/identity/callers/current/own-words/b1", {"text": "My roof story"})
    rows = await house.database["own_words"].find().to_list()
    assert len(rows) == 1
    assert b"roof" not in rows[0]["content"]
    await ann.post("/identity/callers/current/erasure", {"password": PASSWORD})
    assert await house.database["own_words"].count_documents({}) == 0
    assert "roof" not in repr(house.log.commits)
