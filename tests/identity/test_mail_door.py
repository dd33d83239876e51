"""The Bluevote door: register once, then e-mail and organization, proven by a mailed code."""

import asyncio

import pytest

from libs.events.identity import CallerRegistered
from services.identity import attempts
from services.identity.codes import Codes
from tests.identity.by_mail import (
    BEA,
    DVC,
    ask_code,
    code_for,
    known_copy,
    link_for,
    log_in,
    register,
    registered,
    wrong,
)
from tests.identity.house import PASSWORD, House, text_of
from tests.identity.test_founding import facts, fold_views
from tests.identity.test_sign_up import alike


@pytest.fixture
async def house(house: House) -> House:
    """With an organization, known to the lists."""
    await house.organizer()
    await fold_views(house)
    return house


async def test_scene_2_registers_then_e_mail_and_organization(house: House) -> None:
    bea = await registered(house)
    refused = await log_in(bea)
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/code-needed")
    answer = await log_in(bea, code=await code_for(house))
    assert answer.status_code == 201
    caller = answer.json()["caller"]
    assert caller["first_name"] == "Bea"
    assert caller["organization_id"]
    assert answer.json()["calls_page"] == "/calls/dvc-palo-alto"
    registration = next(f for f in facts(house, CallerRegistered) if f.door == "bluevote")
    assert registration.caller_id == caller["caller_id"]
    # The next day the session is over, and the browser is known: no code, and no form.
    house.clock.forward(hours=27)
    assert (await bea.get("/identity/sessions/current")).status_code == 401
    page = await bea.get("/log-in", params={"next": "/call/b1"})
    assert (page.status_code, page.headers["location"]) == (303, "/call/b1")
    me = await bea.get("/identity/sessions/current")
    assert me.json()["caller"]["organization_id"] == caller["organization_id"]


async def test_a_known_browser_is_asked_for_e_mail_and_organization_alone(house: House) -> None:
    bea = await registered(house)
    await log_in(bea, code=await code_for(house))
    house.clock.forward(days=29)
    assert (await log_in(bea)).status_code == 201
    asked = await (await known_copy(house, bea)).get("/log-in?with=password&next=/call/b1")
    assert asked.status_code == 200  # Who chose a way to log in is asked.
    # It knows Bea, and nobody else.
    assert (await log_in(bea, "organizer@example.org")).status_code == 401
    assert (await log_in(await house.browser())).status_code == 401
    house.clock.forward(days=2)
    assert (await log_in(bea)).status_code == 401
    assert (await bea.get("/log-in")).status_code == 200


async def test_a_browser_that_others_use_is_not_remembered(house: House) -> None:
    bea = await registered(house)
    answer = await log_in(bea, code=await code_for(house), remember=False)
    assert answer.status_code == 201
    assert list(bea.client.cookies) == ["__Host-session"]
    # Logging out forgets a browser that was remembered, for somebody else may be next.
    await ask_code(bea)
    await log_in(bea, code=await code_for(house))
    device = bea.client.cookies["__Host-device"]
    await bea.delete("/identity/sessions/current")
    bea.client.cookies.set("__Host-device", device)
    assert (await log_in(bea)).status_code == 401


async def test_the_cookie_is_out_of_reach_and_the_database_opens_nothing(house: House) -> None:
    bea = await registered(house)
    code = await code_for(house)
    row = await house.database["session_codes"].find_one({})
    assert row is not None
    assert code not in repr(row)
    assert BEA not in repr(row)
    answer = await log_in(bea, code=code)
    cookie = next(c for c in answer.headers.get_list("set-cookie") if "device=" in c)
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert cookie.startswith("__Host-device=")
    assert f"Max-Age={30 * 24 * 3600}" in cookie
    devices = await house.database["devices"].find().to_list()
    assert bea.client.cookies["__Host-device"] not in repr(devices)
    for forged in ("", "x" * 43, "x" * 5_000):
        stranger = await house.browser()
        stranger.client.cookies.set("__Host-device", forged)
        assert (await log_in(stranger)).status_code == 401


async def test_a_code_is_right_once(house: House) -> None:
    bea = await registered(house)
    code = await code_for(house)
    answers = await asyncio.gather(
        *[log_in(await house.browser(), code=code) for _ in range(4)], log_in(bea, code=code)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401, 401]


async def test_a_code_lives_ten_minutes(house: House) -> None:
    bea = await registered(house)
    code = await code_for(house)
    house.clock.forward(minutes=10)
    assert (await log_in(bea, code=code)).status_code == 401
    await ask_code(bea)
    code = await code_for(house)
    house.clock.forward(minutes=9, seconds=59)
    typed = f" {code[:3]}-{code[3:]} "
    assert (await log_in(bea, code=typed)).status_code == 201


async def test_five_tries_and_the_code_is_over(house: House) -> None:
    bea = await registered(house)
    code = await code_for(house)
    guesses = [wrong(code), "", "12345", "1234567", "ab" + code]
    answers = [await log_in(bea, code=guess) for guess in guesses[:4]]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["type"] for answer in answers} == {"/problems/wrong-code"}
    assert (await log_in(bea, code=wrong(code))).status_code == 401
    assert (await log_in(bea, code=code)).status_code == 401


async def test_guesses_at_once_are_five_at_most(house: House) -> None:
    await registered(house)
    code = await code_for(house)
    account = house.desk.records.addresses.key(BEA)
    at = house.clock()
    codes: Codes = house.desk.records.codes
    guesses = [wrong(code)] * 20
    await asyncio.gather(*(codes.use(account, guess, at) for guess in guesses))
    row = await house.database["session_codes"].find_one({"_id": account})
    assert row is not None
    assert row["tries_left"] == 0
    assert await codes.use(account, code, at) is None


async def test_a_new_code_voids_the_last(house: House) -> None:
    bea = await registered(house)
    first = await code_for(house)
    await ask_code(bea)
    second = await code_for(house)
    if first != second:
        assert (await log_in(bea, code=first)).status_code == 401
    assert (await log_in(bea, code=second)).status_code == 201


async def test_many_wrong_codes_from_anywhere_make_everybody_wait(house: House) -> None:
    bea = await registered(house)
    for number in range(attempts.FOR_ONE_ACCOUNT.amount):
        stranger = await house.browser(host=f"198.51.100.{number}")
        assert (await log_in(stranger, code="000000")).status_code == 401
    answer = await log_in(bea, code="000000")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


async def test_an_unknown_address_is_answered_and_mailed_alike(house: House) -> None:
    await registered(house)
    browser = await house.browser()
    known, unknown = await ask_code(browser), await ask_code(browser, "nobody@example.org")
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert await house.mail("nobody@example.org") == []
    wrong_code = await log_in(browser, code="000000")
    nobodys = await log_in(browser, "nobody@example.org", code="000000")
    assert (wrong_code.status_code, wrong_code.text) == (nobodys.status_code, nobodys.text)
    needs = [await log_in(browser, email) for email in (BEA, "nobody@example.org")]
    assert needs[0].text == needs[1].text
    for _ in range(attempts.MAILS_TO_ONE_ADDRESS.amount):
        last = await ask_code(browser, "nobody@example.org")
    assert last.status_code == 429


async def test_a_wrong_code_costs_a_write_for_nobody_too(house: House) -> None:
    await registered(house)
    await code_for(house)
    browser = await house.browser()
    decoys = house.database["session_code_decoys"]
    assert (await log_in(browser, code="000000")).status_code == 401
    assert await decoys.count_documents({}) == 0
    assert (await log_in(browser, "nobody@example.org", code="000000")).status_code == 401
    assert await decoys.count_documents({}) == 1


async def test_registering_tells_nobody_who_is_known(house: House) -> None:
    browser = await house.browser()
    new = await register(browser)
    again = await register(browser, first_name="Eve")
    organizer = await register(browser, "organizer@example.org")
    assert alike(new) == alike(again) == alike(organizer)
    await house.mail(BEA)
    assert "Confirm Registration" in text_of((await house.mail(BEA))[0])
    assert "already have an account" in text_of((await house.mail("organizer@example.org"))[0])


async def test_a_repeat_registers_and_asks_once(house: House) -> None:
    browser = await house.browser()
    body = {"email": BEA, "first_name": "Bea", "last_name": ""}
    answers = [await browser.post("/identity/registrations", body, key="one") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    asking = {"email": BEA, "organization": DVC}
    for _ in range(2):
        await browser.post("/identity/session-codes", asking, key="two")
    assert len([m for m in await house.mail(BEA) if "code" in str(m["Subject"])]) == 1
    without = await browser.client.post("/identity/registrations", json=body)
    assert without.status_code == 422


@pytest.mark.parametrize("typed", ["DVC Palo Alto", "dvc-palo-alto", "dvc \N{EM DASH} PALO ALTO"])
async def test_an_organization_is_understood(house: House, typed: str) -> None:
    browser = await house.browser()
    assert (await ask_code(browser, organization=typed)).status_code == 202


async def test_a_mistyped_organization_gets_a_suggestion(house: House) -> None:
    browser = await house.browser()
    for answer in (
        await ask_code(browser, organization="dcv palo alto"),
        await log_in(browser, organization="dcv palo alto", code="000000"),
        await log_in(browser, organization="dcv palo alto"),
    ):
        assert answer.status_code == 404
        assert [each["slug"] for each in answer.json()["suggestions"]] == ["dvc-palo-alto"]
    assert (await log_in(browser, organization="", code="000000")).status_code == 422


async def test_the_link_logs_in_once_wherever_it_is_opened(house: House) -> None:
    bea = await registered(house)
    await ask_code(bea, next="/call/b1")
    token, code = await link_for(house), await code_for(house)
    phone, other = await house.browser(), await house.browser()
    page = await phone.get("/log-in/mail", params={"token": token})
    assert page.status_code == 200  # A scanner that opens it uses nothing up.
    assert (await phone.get("/identity/sessions/current")).status_code == 401
    answer = await phone.post("/identity/sessions", {"link": token})
    assert (answer.status_code, answer.json()["next"]) == (201, "/call/b1")
    assert answer.json()["caller"]["organization_id"]
    assert "__Host-device" in phone.client.cookies
    assert (await other.post("/identity/sessions", {"link": token})).status_code == 422
    assert (await log_in(bea, code=code)).status_code == 401
    assert (await other.post("/identity/sessions", {"link": "made up"})).status_code == 422


async def test_a_link_of_one_kind_is_no_link_of_another(house: House) -> None:
    bea = await registered(house)
    token = await link_for(house)
    assert (await bea.post("/identity/confirmations", {"token": token})).status_code == 422
    body = {"token": token, "password": PASSWORD}
    assert (await bea.post("/identity/passwords", body)).status_code == 422
    house.clock.forward(minutes=10)
    assert (await bea.post("/identity/sessions", {"link": token})).status_code == 422


async def test_what_is_over_is_forgotten(house: House) -> None:
    bea = await registered(house)
    await log_in(bea, code=await code_for(house))
    await ask_code(bea)
    await house.mail(BEA)
    house.clock.forward(days=31)
    await house.desk.records.purge(house.clock())
    for name in ("devices", "session_codes", "links"):
        assert await house.database[name].count_documents({}) == 0
