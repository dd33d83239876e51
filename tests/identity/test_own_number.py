"""A caller's own number and languages: learned once, signed into the token, stale when changed."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from msgspec import structs

from libs.chassis.problems import Unavailable
from libs.events.identity import (
    CallerConfirmed,
    CallerErased,
    CallerLanguagesDeclared,
    CallerLinesKnown,
    CallerNumberChanged,
)
from services.identity import own_lines
from services.identity.domain.caller import CALLER
from services.identity.languages import COMMON, OTHERS, checked, words_for
from services.identity.people import Person
from tests.identity.house import PASSWORD, Browser, House, line_of
from tests.identity.test_founding import facts, fold_views

ANN = "ann@example.org"
NUMBER = "610-555-0147"


async def campaign_of(house: House) -> str:
    """The campaign that Palo Alto calls for, known to the lists."""
    organizer = await house.organizer()
    await fold_views(house)
    current = await organizer.get("/identity/sessions/current")
    grants = current.json()["caller"]["grants"]
    return next(str(grant["campaign_id"]) for grant in grants if grant["campaign_id"])


async def caller_of_palo_alto(house: House, **more: Any) -> Browser:
    return await house.caller(ANN, organization="dvc-palo-alto", **more)


async def change(browser: Browser, **more: Any) -> httpx.Response:
    body = {"first_name": "Ann", "last_name": "Example"}
    return await browser.put("/identity/callers/current", body | more)


async def test_the_token_names_the_lines_of_the_callers_number(house: House) -> None:
    campaign_id = await campaign_of(house)
    ann = await caller_of_palo_alto(house, phone=NUMBER)
    assert (await house.principal(ann)).own_lines == (line_of(campaign_id, NUMBER),)
    (fact,) = facts(house, CallerLinesKnown)
    assert (fact.campaign_id, fact.number_id) == (campaign_id, "")
    for secret in (NUMBER, line_of(campaign_id, NUMBER)):
        assert secret not in repr(house.log.commits)


async def test_the_vault_is_asked_once_a_number_and_campaign(house: House) -> None:
    await campaign_of(house)
    ann = await caller_of_palo_alto(house, phone=NUMBER)
    for _ in range(3):
        await house.principal(ann)
        house.clock.forward(minutes=2)
    assert len(house.numbers.asked) == 1


async def test_a_campaign_that_is_new_is_asked_about(house: House) -> None:
    first = await campaign_of(house)
    ann = await caller_of_palo_alto(house, phone=NUMBER)
    await house.principal(ann)
    organizer = await house.browser()
    await organizer.log_in("organizer@example.org")
    made = await organizer.post("/identity/campaigns", {"name": "Another one"})
    await fold_views(house)
    house.clock.forward(minutes=2)
    second = made.json()["campaign_id"]
    lines = {line_of(first, NUMBER), line_of(second, NUMBER)}
    assert set((await house.principal(ann)).own_lines) == lines
    assert [campaigns for campaigns, _ in house.numbers.asked] == [(first,), (second,)]


async def test_among_very_many_campaigns_only_the_callers_are_asked_about(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = await campaign_of(house)
    organizer = await house.browser()
    await organizer.log_in("organizer@example.org")
    await organizer.post("/identity/campaigns", {"name": "Another one"})
    await fold_views(house)
    monkeypatch.setattr(own_lines, "ALL_CAMPAIGNS_MAX", 1)
    ann = await caller_of_palo_alto(house, phone=NUMBER)
    assert (await house.principal(ann)).own_lines == (line_of(campaign_id, NUMBER),)


@pytest.mark.parametrize("phone", [None, "", "000-000-0000"])
async def test_no_number_is_no_line_and_no_question(house: House, phone: str | None) -> None:
    await campaign_of(house)
    house.numbers.is_away = True
    ann = await caller_of_palo_alto(house, phone=phone)
    assert (await house.principal(ann)).own_lines == ()
    assert house.numbers.asked == []


async def test_without_the_vault_nobody_with_a_number_gets_a_token(house: House) -> None:
    await campaign_of(house)
    house.numbers.is_away = True
    ann = await caller_of_palo_alto(house, phone=NUMBER)
    with pytest.raises(Unavailable, match="your own phone number"):
        await house.principal(ann)
    answer = await ann.get("/identity/sessions/current")
    assert answer.status_code == 503
    assert "your own phone number" in answer.json()["detail"]
    house.numbers.is_away = False
    assert (await ann.get("/identity/sessions/current")).status_code == 200
    assert len((await house.principal(ann)).own_lines) == 1
    # What is known already needs no vault.
    house.numbers.is_away = True
    house.clock.forward(minutes=2)
    assert len((await house.principal(ann)).own_lines) == 1


async def test_another_number_has_other_lines_at_once(house: House) -> None:
    campaign_id = await campaign_of(house)
    ann = await caller_of_palo_alto(house, phone=NUMBER)
    before = await house.principal(ann)
    assert (await change(ann, phone="814-555-0100")).status_code == 200
    assert len(facts(house, CallerNumberChanged)) == 1
    after = await house.principal(ann)
    assert after.own_lines == (line_of(campaign_id, "814-555-0100"),) != before.own_lines
    # Back to the first: what was known of it is not taken for granted.
    await change(ann, phone=NUMBER)
    assert (await house.principal(ann)).own_lines == before.own_lines
    assert (await change(ann, phone=None)).json()["phone"] is None
    assert (await house.principal(ann)).own_lines == ()


async def test_the_same_number_again_changes_nothing(house: House) -> None:
    await campaign_of(house)
    ann = await caller_of_palo_alto(house, phone=NUMBER)
    await house.principal(ann)
    for _ in range(2):
        assert (await change(ann, phone=f" {NUMBER} ")).status_code == 200
    assert facts(house, CallerNumberChanged) == []
    await house.principal(ann)
    assert len(house.numbers.asked) == 1


async def test_lines_of_a_number_that_was_just_changed_are_not_the_callers(house: House) -> None:
    """The record is written before the fact: a crash in between must not leave the old lines."""
    campaign_id = await campaign_of(house)
    ann = await caller_of_palo_alto(house, phone=NUMBER)
    caller_id = (await house.principal(ann)).caller_id
    await house.desk.records.people.change(
        caller_id,
        lambda old: Person(
            email=old.email,
            first_name=old.first_name,
            password_hash=old.password_hash,
            organization_id=old.organization_id,
            phone="814-555-0100",
            number_id="another",
        ),
    )
    house.clock.forward(minutes=2)
    lines = (await house.principal(ann)).own_lines
    assert lines == (line_of(campaign_id, "814-555-0100"),)


async def test_everybody_speaks_english_and_what_they_declared(house: House) -> None:
    ann = await house.caller(ANN)
    assert (await house.principal(ann)).languages == ("en", "english")
    await house.caller("bea@example.org", languages=["es", "EN", "es"])
    (fact,) = facts(house, CallerLanguagesDeclared)
    assert fact.languages == ("es",)


async def test_languages_are_declared_with_the_confirmation_not_by_a_stranger(house: House) -> None:
    """What a stranger typed for an address of somebody else's never counts."""
    ann = await house.caller(ANN, languages=["fr"])
    stranger = await house.browser()
    assert (await stranger.sign_up(ANN, languages=["es"])).status_code == 201
    await house.mail(ANN)
    house.clock.forward(minutes=2)
    assert "french" in (await house.principal(ann)).languages
    assert "spanish" not in (await house.principal(ann)).languages


async def test_a_token_has_every_word_for_a_language(house: House) -> None:
    ann = await house.caller(ANN)
    assert (await change(ann, languages=["es"])).json()["languages"] == ["es"]
    words = set((await house.principal(ann)).languages)
    assert {"es", "spanish", "español", "espanol", "castellano", "english"} <= words
    assert (await change(ann)).json()["languages"] == []
    assert "es" not in (await house.principal(ann)).languages


async def test_an_unknown_language_is_refused_with_those_there_are(house: House) -> None:
    ann = await house.caller(ANN)
    for body in ({"languages": ["klingon"]}, {"languages": ["ann@example.org"]}):
        answer = await change(ann, **body)
        assert answer.status_code == 422
        assert "es (Spanish)" in answer.json()["detail"]
    signing_up = await (await house.browser()).sign_up("new@example.org", languages=["klingon"])
    assert signing_up.status_code == 422


def test_every_language_has_its_own_words() -> None:
    words = [word for each in (*COMMON, *OTHERS) for word in each.words]
    assert len(words) == len(set(words))
    assert all(word == word.lower() for word in words)
    assert checked(["ES ", "en"]) == ("es",)
    assert words_for(["made up"]) == ("en", "english")


async def test_what_callers_tell_of_themselves_is_theirs_to_read_and_change(house: House) -> None:
    ann = await house.caller(ANN, phone="+49 30 901820", consents={"reminders": True})
    profile = (await ann.get("/identity/callers/current")).json()
    assert profile == {
        "email": ANN,
        "first_name": "Ann",
        "last_name": "Example",
        "phone": "+49 30 901820",
        "street": None,
        "consents": {"reminders": True, "recruitment": False},
        "languages": [],
        "has_password": True,
    }
    # Consents are about a number: without one there are none.
    answer = await change(ann, phone="000-000-0000", consents={"reminders": True})
    assert answer.json()["phone"] is None
    assert answer.json()["consents"] == {"reminders": False, "recruitment": False}
    assert (await ann.log_in(ANN)).status_code == 201  # The password is as it was.
    stranger = await house.browser()
    for asked in (stranger.get("/identity/callers/current"), change(stranger, first_name="Eve")):
        assert (await asked).status_code == 401


async def test_the_page_of_ones_own_is_filled_in(house: House) -> None:
    ann = await house.caller(ANN, phone=NUMBER, languages=["ht"], consents={"reminders": True})
    page = (await ann.get("/you")).text
    assert f'value="{NUMBER}"' in page
    assert 'value="ht" checked' in page
    assert 'name="reminders" type="checkbox" checked' in page
    assert 'name="recruitment" type="checkbox" checked' not in page
    stranger = await (await house.browser()).get("/you")
    assert (stranger.status_code, stranger.headers["location"]) == (303, "/log-in?next=/you")


async def test_erasing_forgets_lines_and_languages(house: House) -> None:
    await campaign_of(house)
    ann = await caller_of_palo_alto(house, phone=NUMBER, languages=["es"])
    caller_id = (await house.principal(ann)).caller_id
    await ann.post("/identity/callers/current/erasure", {"password": PASSWORD})
    assert facts(house, CallerErased)
    history = await house.log.read(f"caller-{caller_id}")
    state = CALLER.fold(history.facts)
    assert (state.numbers_known, state.languages) == ({}, ())


async def test_an_erased_caller_is_linked_to_no_line(house: House) -> None:
    """Neither the log nor the database says afterwards which voters shared the number."""
    campaign_id = await campaign_of(house)
    ann = await caller_of_palo_alto(house, phone=NUMBER)
    caller_id = (await house.principal(ann)).caller_id
    person = await house.desk.records.people.read(caller_id)
    assert person is not None
    assert person.own_lines == {campaign_id: (line_of(campaign_id, NUMBER),)}
    await ann.post("/identity/callers/current/erasure", {"password": PASSWORD})
    line_id = line_of(campaign_id, NUMBER)
    assert line_id not in repr(house.log.commits)
    for name in await house.database.list_collection_names():
        assert line_id not in repr(await house.database[name].find().to_list())
    assert await house.desk.records.people.read(caller_id) is None


async def test_a_crash_between_record_and_fact_is_made_good_with_the_next_token(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await campaign_of(house)
    ann = await caller_of_palo_alto(house, phone=NUMBER)

    async def crash(*_: object) -> None:
        raise ConnectionAbortedError

    with monkeypatch.context() as broken:
        broken.setattr(own_lines, "handle", crash)
        with pytest.raises(ConnectionAbortedError):
            await house.principal(ann)
    assert facts(house, CallerLinesKnown) == []
    assert len((await house.principal(ann)).own_lines) == 1
    assert len(facts(house, CallerLinesKnown)) == 1
    assert len(house.numbers.asked) == 1


async def test_a_number_changed_while_the_vault_was_asked_keeps_its_own_lines(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign_id = await campaign_of(house)
    ann = await caller_of_palo_alto(house, phone=NUMBER)
    caller_id = facts(house, CallerConfirmed)[-1].caller_id
    people, lines = house.desk.records.people, house.numbers.lines
    other = "814-555-0100"

    async def slowly(
        campaign_ids: Sequence[str], numbers: Sequence[str]
    ) -> dict[str, tuple[str, ...]]:
        told = await lines(campaign_ids, numbers)
        await people.change(
            caller_id, lambda old: structs.replace(old, phone=other, number_id="another")
        )
        return told

    monkeypatch.setattr(house.numbers, "lines", slowly)
    assert (await house.principal(ann)).own_lines == (line_of(campaign_id, other),)
    person = await people.read(caller_id)
    assert person is not None
    assert person.own_lines == {campaign_id: (line_of(campaign_id, other),)}
