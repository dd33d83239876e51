"""Sessions: opened by a password, exchanged for signed tokens, ended at once; and guessing."""

import pytest
from argon2 import PasswordHasher

from libs.chassis.problems import Unavailable
from libs.database import PyMongoError
from libs.events.identity import CallerErased, SessionsRevoked
from tests.identity.house import PASSWORD, Browser, Clock, House, open_house

ANN = "ann@example.org"


def latest_fact(house: House) -> object:
    return list(house.log.commits.values())[-1].facts[-1]


async def bearer(house: House, token: str) -> int:
    """The status that an API client with this token gets."""
    browser = await house.browser()
    headers = {"authorization": f"Bearer {token}"}
    return (await browser.get("/identity/sessions/current", headers=headers)).status_code


async def logged_in(house: House, email: str = ANN) -> tuple[Browser, str]:
    await house.caller(email)
    browser = await house.browser()
    answer = await browser.log_in(email)
    assert answer.status_code == 201
    return browser, answer.json()["token"]


async def test_the_token_and_the_cookie_are_one_session(house: House) -> None:
    browser, token = await logged_in(house)
    assert await bearer(house, token) == 200
    me = await browser.get("/identity/sessions/current")
    assert me.json()["caller"] | {"caller_id": ""} == {
        "caller_id": "",
        "first_name": "Ann",
        "grants": [],
        "organization_id": None,
    }
    assert me.headers["cache-control"] == "no-store"
    assert await bearer(house, token[:-1]) == 401


async def test_the_answer_says_where_one_begins(house: House) -> None:
    """Who holds a campaign's role at its overview, everybody else at the Calls Page."""
    await house.organizer()
    answer = await (await house.browser()).log_in("organizer@example.org")
    campaign_ids = [each["campaign_id"] for each in answer.json()["caller"]["grants"]]
    assert answer.json()["home"] == f"/campaigns/{campaign_ids[0]}"
    await house.caller(ANN, organization="dvc-palo-alto")
    browser = await house.browser()
    plain = (await browser.log_in(ANN)).json()
    assert plain["home"] == plain["calls_page"] == "/calls/dvc-palo-alto"
    organizer = await house.browser()
    await organizer.log_in("organizer@example.org")
    role = {"role": "caller", "email": ANN, "campaign_id": campaign_ids[0]}
    assert (await organizer.post("/identity/roles", role)).status_code == 201
    assert (await browser.log_in(ANN)).json()["home"] == "/calls/dvc-palo-alto"  # It only calls.
    assert (await organizer.post("/identity/roles", role | {"role": "lead"})).status_code == 201
    assert (await browser.log_in(ANN)).json()["home"] == f"/campaigns/{campaign_ids[0]}"
    await house.caller("nobodys@example.org")
    nobodys = await (await house.browser()).log_in("nobodys@example.org")
    assert nobodys.json()["home"] is None


async def test_the_cookie_is_out_of_reach(house: House) -> None:
    await house.caller(ANN)
    answer = await (await house.browser()).log_in(ANN)
    name, *attributes = answer.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-session=")
    assert len(name.partition("=")[2]) >= 43
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(attributes)
    assert not any(attribute.startswith("Domain") for attribute in attributes)


async def test_plain_http_has_a_plain_cookie(house: House) -> None:
    async with open_house(house.database, Clock(house.clock.at), public_url="http://demo") as demo:
        await demo.caller(ANN)
        answer = await (await demo.browser()).log_in(ANN)
        assert answer.headers["set-cookie"].startswith("session=")
        assert "Secure" not in answer.headers["set-cookie"]


async def test_the_database_opens_no_session(house: House) -> None:
    _, token = await logged_in(house)
    rows = await house.database["sessions"].find().to_list()
    assert rows
    assert token not in repr(rows)


async def test_log_out_ends_every_copy_at_once(house: House) -> None:
    browser, token = await logged_in(house)
    signed = await house.app.state.exchange(token)
    assert await bearer(house, signed) == 200
    answer = await browser.delete("/identity/sessions/current")
    assert answer.status_code == 204
    assert 'session="";' in answer.headers["set-cookie"].replace("session=;", 'session="";')
    assert isinstance(latest_fact(house), SessionsRevoked)
    assert await bearer(house, token) == 401
    assert await bearer(house, signed) == 401
    assert await house.app.state.exchange(token) is None


async def test_logging_out_twice_is_no_mistake(house: House) -> None:
    browser, _ = await logged_in(house)
    for _ in range(2):
        assert (await browser.delete("/identity/sessions/current")).status_code == 204


async def test_other_sessions_go_on(house: House) -> None:
    browser, _ = await logged_in(house)
    other = await house.browser()
    await other.log_in(ANN)
    await browser.delete("/identity/sessions/current")
    assert (await other.get("/identity/sessions/current")).status_code == 200


async def test_a_revocation_from_elsewhere_is_not_answered_from_memory(house: House) -> None:
    _, token = await logged_in(house)
    principal = house.app.state.tokens.verify(await house.app.state.exchange(token), house.clock())
    await house.database["sessions"].delete_many({})
    assert await house.app.state.exchange(token) is not None  # Kept for a minute.
    await house.database["revoked_sessions_v1"].insert_one(
        {"_id": f"session/{principal.session_id}", "revoked_at": house.clock()}
    )
    await house.app.state.revocations.refresh()
    assert await house.app.state.exchange(token) is None


async def test_a_token_is_kept_for_a_minute_and_not_longer(house: House) -> None:
    _, token = await logged_in(house)
    first = await house.app.state.exchange(token)
    house.clock.forward(seconds=59)
    assert await house.app.state.exchange(token) == first
    house.clock.forward(seconds=1)
    assert await house.app.state.exchange(token) != first


async def test_a_session_ends_after_a_day_unused(house: House) -> None:
    _, token = await logged_in(house)
    house.clock.forward(hours=23, minutes=59)
    assert await bearer(house, token) == 200
    house.clock.forward(hours=23, minutes=59)
    assert await bearer(house, token) == 200
    house.clock.forward(hours=24)
    assert await bearer(house, token) == 401


async def test_a_session_ends_after_two_weeks_however_used(house: House) -> None:
    _, token = await logged_in(house)
    for _ in range(27):
        house.clock.forward(hours=12)
        assert await bearer(house, token) == 200
    house.clock.forward(hours=12)
    assert await bearer(house, token) == 401


async def test_what_has_ended_is_forgotten(house: House) -> None:
    await logged_in(house)
    await house.desk.sessions.purge(house.clock())
    assert await house.database["sessions"].count_documents({}) > 0
    house.clock.forward(hours=24)
    await house.desk.sessions.purge(house.clock())
    assert await house.database["sessions"].count_documents({}) == 0


async def test_a_database_that_is_away_is_no_log_out(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, token = await logged_in(house)

    async def away(*_: object) -> None:
        raise PyMongoError

    monkeypatch.setattr(type(house.desk.sessions), "_principal", away)
    with pytest.raises(Unavailable):
        await house.app.state.exchange(token)
    assert await bearer(house, token) == 503


async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(house: House) -> None:
    await house.caller(ANN)
    browser = await house.browser()
    wrong = await browser.log_in(ANN, "not the password")
    unknown = await browser.log_in("nobody@example.org", "not the password")
    assert (wrong.status_code, wrong.text) == (unknown.status_code, unknown.text)
    assert wrong.status_code == 401
    assert wrong.json()["type"] == "/problems/wrong-password"


async def test_an_unknown_address_costs_a_hash_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    verify = type(house.desk.passwords)._verify

    def counting(passwords: object, stored_hash: str, password: str) -> bool:
        verified.append(stored_hash)
        return verify(house.desk.passwords, stored_hash, password)

    monkeypatch.setattr(type(house.desk.passwords), "_verify", counting)
    browser = await house.browser()
    await browser.log_in("nobody@example.org", "not the password")
    assert [each[:30] for each in verified] == ["$argon2id$v=19$m=19456,t=2,p=1"]


async def test_not_confirmed_is_told_to_the_owner_of_the_password_only(house: House) -> None:
    browser = await house.browser()
    await browser.sign_up(ANN)
    assert (await browser.log_in(ANN, "not the password")).status_code == 401
    assert (await browser.log_in(ANN)).status_code == 403


async def test_guessing_is_stopped_and_says_for_how_long(house: House) -> None:
    await house.caller(ANN)
    guesser = await house.browser()
    for _ in range(10):
        assert (await guesser.log_in(ANN, "a wrong guess")).status_code == 401
    stopped = await guesser.log_in(ANN)
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["retry-after"]) <= 900
    assert "minutes" in stopped.json()["detail"]
    elsewhere = await house.browser(host="198.51.100.9")
    assert (await elsewhere.log_in(ANN)).status_code == 201


async def test_an_unknown_address_is_limited_alike(house: House) -> None:
    guesser = await house.browser()
    for _ in range(10):
        await guesser.log_in("nobody@example.org", "a wrong guess")
    assert (await guesser.log_in("nobody@example.org", "a wrong guess")).status_code == 429


async def test_slips_are_forgotten_when_the_right_password_comes(house: House) -> None:
    browser = await house.caller(ANN)
    for _ in range(3):
        for _ in range(9):
            await browser.log_in(ANN, "a wrong guess")
        assert (await browser.log_in(ANN)).status_code == 201


async def test_a_hall_behind_one_address_is_not_held_up(house: House) -> None:
    await house.caller(ANN)
    for _ in range(30):
        assert (await (await house.browser()).log_in(ANN)).status_code == 201


async def test_a_weak_hash_is_made_strong_at_the_next_log_in(house: House) -> None:
    browser = await house.caller(ANN)
    caller_id = (await browser.get("/identity/sessions/current")).json()["caller"]["caller_id"]
    people = house.desk.records.people
    before = await people.read(caller_id)
    assert before is not None
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await people.rehash(caller_id, before.password_hash, weak)
    assert (await browser.log_in(ANN)).status_code == 201
    after = await people.read(caller_id)
    assert after is not None
    assert after.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await browser.log_in(ANN)).status_code == 201


async def test_the_session_says_for_whom_one_calls(house: House) -> None:
    await house.organizer()
    await house.caller(ANN)
    browser = await house.browser()
    answer = await browser.log_in(ANN, organization="dvc - palo alto")
    organization_id = answer.json()["caller"]["organization_id"]
    principal = house.app.state.tokens.verify(
        await house.app.state.exchange(answer.json()["token"]), house.clock()
    )
    assert principal.organization_id == organization_id
    unknown = await browser.log_in(ANN, organization="dcv")
    assert unknown.status_code == 404


async def test_erasing_needs_the_password_and_leaves_nothing(house: House) -> None:
    browser = await house.caller(ANN)
    refused = await browser.post("/identity/callers/current/erasure", {"password": "wrong one"})
    assert refused.status_code == 401
    signed_out = await browser.post("/identity/callers/current/erasure", {"password": PASSWORD})
    assert signed_out.status_code == 204
    assert any(
        isinstance(fact, CallerErased) for c in house.log.commits.values() for fact in c.facts
    )
    assert await house.database["people"].count_documents({}) == 0
    assert (await browser.get("/identity/sessions/current")).status_code == 401
    assert (await browser.log_in(ANN)).status_code == 401
    again = await house.caller(ANN, first_name="Anna")
    me = await again.get("/identity/sessions/current")
    assert me.json()["caller"]["first_name"] == "Anna"


async def test_the_keys_are_public(house: House) -> None:
    answer = await (await house.browser()).get("/identity/.well-known/jwks.json")
    key = answer.json()["keys"][0]
    assert (key["kty"], key["crv"], key["kid"]) == ("OKP", "Ed25519", house.app.state.tokens.key_id)
    assert "d" not in key
