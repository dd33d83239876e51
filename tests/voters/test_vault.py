"""The vault: cards, deposits, who may ask, what is recorded, and what erasing leaves."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from libs.chassis.clock import Now
from libs.chassis.tokens import ServiceTokens
from libs.chassis.vault import Card, Deposit, Vault
from tests.voters.exports import cells, changed, export, joined
from tests.voters.house import CAMPAIGN, OTHER_CAMPAIGN, House

pytestmark = pytest.mark.real

SOMEBODY = "0" * 32


async def test_a_card_shows_what_the_file_says(house: House, tmp_path: Path) -> None:
    _, content = export(tmp_path, 30)
    row = changed(
        cells(content)[0],
        first_name="MARÍA",
        last_name="O'NEILL-GARCÍA",
        dob="10/06/1980",
        party="D",
        city="EAST STROUDSBURG",
        phone="610-555-0123",
    )
    await house.imported(joined([row]))
    (voter_id,) = await house.voter_ids()
    (fact,) = await house.facts("voter-imported")
    card = (await house.cards([voter_id, SOMEBODY]))[voter_id]
    assert card == {
        "first_name": "María",
        "last_name": "O'Neill-García",
        "name": "María O'Neill-García",
        "age": 45,
        "party": "D",
        "city": "East Stroudsburg",
        "state": "PA",
        "zones": ["America/New_York"],
        "gender": card["gender"],
        "lines": [
            {
                "line_id": fact["line_ids"][0],
                "e164": "+16105550123",
                "display": "(610) 555-0123",
                "fictional": True,
            }
        ],
    }
    # A birthday is the next day.
    house.clock.at = datetime(2026, 10, 6, 12, tzinfo=UTC)
    assert (await house.cards([voter_id]))[voter_id]["age"] == 46


async def test_the_chassis_client_reads_what_the_routes_serve(house: House, tmp_path: Path) -> None:
    _, content = export(tmp_path, 40)
    await house.imported(content)
    voter_ids = await house.voter_ids()
    vault = _client(house)
    cards = await vault.cards(CAMPAIGN, voter_ids, purpose="call", actor="caller1")
    assert set(cards) == set(voter_ids)
    assert all(isinstance(card, Card) and card.name for card in cards.values())
    assert any(card.lines for card in cards.values())
    deposit = Deposit(voter_ids[0], "call1", "note", "Prefers mornings.")
    ids = await vault.deposit(CAMPAIGN, [deposit], actor="caller1")
    texts = await vault.read_deposits(CAMPAIGN, ids, actor="organizer1")
    assert texts == {ids[0]: "Prefers mornings."}
    await vault.aclose()


async def test_nobody_but_our_services_asks(house: House) -> None:
    body = {"campaign_id": CAMPAIGN, "purpose": "call", "actor": "a", "voter_ids": [SOMEBODY]}
    now: Now = house.clock
    good = ServiceTokens("s" * 32, "queue")
    forged = ServiceTokens("x" * 32, "queue").sign("voters", now())
    expired = good.sign("voters", now().replace(hour=11))
    path = "/voters/vault/cards"
    for token in (None, forged, expired, good.sign("gotv", now())):
        headers = {} if token is None else {"x-service-token": token}
        assert (await house.http.post(path, json=body, headers=headers)).status_code == 401
    assert (await house.http.post(path, json=body, headers=house.headers())).status_code == 401
    for route in ("cards", "deposits", "deposits/read"):
        assert (await house.ask_vault(route, body, service="identity")).status_code == 403
    assert (await house.ask_vault("cards", body)).status_code == 200


async def test_too_many_or_ill_formed_questions_are_refused(house: House) -> None:
    body = {"campaign_id": CAMPAIGN, "purpose": "call", "actor": "a"}
    many = await house.ask_vault("cards", body | {"voter_ids": [SOMEBODY] * 1_001})
    assert many.status_code == 422
    other = await house.ask_vault("cards", body | {"voter_ids": [], "purpose": "fun"})
    assert other.status_code == 422


async def test_lists_exports_and_texts_are_disclosures_and_calls_are_not(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 20)
    await house.imported(content)
    voter_ids = await house.voter_ids()
    await house.cards(voter_ids)
    assert not await house.facts("voter-data-disclosed")
    await house.cards([*voter_ids[:3], SOMEBODY], purpose="list")
    await house.cards(voter_ids[3:5], purpose="export")
    await house.cards([SOMEBODY], purpose="export")
    (deposit_id,) = await _deposit(house, voter_ids[7], "call1", "note", "A text.")
    await _read(house, [deposit_id])
    facts = await house.facts("voter-data-disclosed")
    by_purpose = {fact["purpose"]: fact for fact in facts}
    assert len(facts) == 3
    assert set(by_purpose["list"]["voter_ids"]) == set(voter_ids[:3])
    assert set(by_purpose["export"]["voter_ids"]) == set(voter_ids[3:5])
    assert by_purpose["deposits"]["voter_ids"] == [voter_ids[7]]
    assert {fact["actor"] for fact in facts} == {"caller1"}


async def test_a_deposit_is_kept_once_for_each_call_voter_and_kind(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 10)
    await house.imported(content)
    ann, bob, *_ = await house.voter_ids()
    first = await _deposit(house, ann, "call1", "hearsay", "Ann will not.")
    again = await _deposit(house, ann, "call1", "hearsay", "Something else.")
    others = [
        *await _deposit(house, ann, "call1", "note", "n"),
        *await _deposit(house, ann, "call2", "hearsay", "h"),
        *await _deposit(house, bob, "call1", "hearsay", "b"),
    ]
    assert first == again
    assert len({*first, *others}) == 4
    assert await _read(house, [*first, "unknown"]) == {first[0]: "Ann will not."}
    assert await house.database["deposits"].count_documents({}) == 4
    assert b"Ann will not" not in await house.everything_stored()
    elsewhere = await house.ask_vault(
        "deposits/read",
        {"campaign_id": OTHER_CAMPAIGN, "actor": "caller1", "deposit_ids": first},
    )
    assert elsewhere.json() == {"texts": {}}


async def test_a_deposit_about_nobody_is_answered_and_not_kept(house: House) -> None:
    (deposit_id,) = await _deposit(house, SOMEBODY, "call1", "note", "A text.")
    assert deposit_id
    assert not await house.database["deposits"].count_documents({})


async def test_erasing_leaves_nothing_and_no_file_brings_the_person_back(
    house: House, tmp_path: Path
) -> None:
    _, content = export(tmp_path, 40)
    await house.imported(content)
    ann, *others = await house.voter_ids()
    deposits = await _deposit(house, ann, "call1", "note", "A text.")
    body = {"campaign_id": CAMPAIGN, "voter_id": ann}
    refused = await house.http.post(
        "/voters/erasures", json=body, headers=house.headers(("organizer", CAMPAIGN))
    )
    assert refused.status_code == 403
    for _ in range(2):
        answer = await house.http.post(
            "/voters/erasures", json=body, headers=house.headers(key="erase")
        )
        assert answer.status_code == 201
    assert set(await house.cards([ann, *others])) == set(others)
    assert await _read(house, deposits) == {}
    assert await house.database["people"].find_one({"_id": f"{CAMPAIGN}/{ann}"}) == {
        "_id": f"{CAMPAIGN}/{ann}"
    }
    for name in ("deposits", "selectable"):
        left = [str(row["_id"]) async for row in house.database[name].find({}, {"_id": 1})]
        assert not [row for row in left if ann in row or row in deposits]
    assert [fact["voter_id"] for fact in await house.facts("voter-erased")] == [ann]
    (changed_fact,) = await house.facts("voter-changed")
    assert (changed_fact["voter_id"], changed_fact["line_ids"]) == (ann, [])
    state = await house.imported(content)
    assert (state["rows_rejected"], state["rows_new"], state["rows_changed"]) == (1, 0, 0)
    assert ann not in await house.voter_ids()
    assert ann not in await house.cards([ann])
    nobody = await house.http.post(
        "/voters/erasures", json=body | {"voter_id": SOMEBODY}, headers=house.headers()
    )
    assert nobody.status_code == 404


async def _deposit(house: House, voter: str, call: str, kind: str, text: str) -> list[str]:
    deposit = {"voter_id": voter, "call_id": call, "kind": kind, "text": text}
    body = {"campaign_id": CAMPAIGN, "actor": "caller1", "deposits": [deposit]}
    answer = await house.ask_vault("deposits", body, service="results")
    assert answer.status_code == 200, answer.text
    ids: list[str] = answer.json()["deposit_ids"]
    return ids


async def _read(house: House, deposit_ids: list[str]) -> dict[str, Any]:
    body = {"campaign_id": CAMPAIGN, "actor": "caller1", "deposit_ids": deposit_ids}
    answer = await house.ask_vault("deposits/read", body)
    assert answer.status_code == 200, answer.text
    texts: dict[str, Any] = answer.json()["texts"]
    return texts


def _client(house: House) -> Vault:
    """The client of the chassis, its requests led to this app."""
    vault = Vault(house.settings.public_url, ServiceTokens("s" * 32, "results"), house.clock)
    vault._http = house.http
    return vault


@pytest.mark.parametrize(
    ("typed", "lines_found"),
    [
        ("610-555-0123", 1),
        ("(610) 555 0123 ext. 4", 1),
        ("+1 610.555.0123", 1),
        ("001 610 555 0123", 1),
        ("my cell: 011-1-(610) 555-0123, evenings", 1),
        ("+44 20 7946 0123", 0),
        ("0049 30 610555 0123", 0),
        ("000-000-0000", 0),
        ("555-0123", 0),
        ("", 0),
    ],
)
async def test_a_callers_number_is_the_line_its_voter_has(
    house: House, tmp_path: Path, typed: str, lines_found: int
) -> None:
    _, content = export(tmp_path, 5)
    row = changed(cells(content)[0], phone="610-555-0123")
    await house.imported(joined([row]))
    (fact,) = await house.facts("voter-imported")
    body = {"campaign_ids": [CAMPAIGN, OTHER_CAMPAIGN], "numbers": [typed, "814-555-0199"]}
    answer = await house.ask_vault("lines", body, service="identity")
    assert answer.status_code == 200
    lines = answer.json()["lines"]
    assert lines[CAMPAIGN][0] == fact["line_ids"][:lines_found]
    assert len(lines[CAMPAIGN][1]) == 1
    assert lines[CAMPAIGN][1] != lines[OTHER_CAMPAIGN][1]
    vault = _client(house)
    vault._tokens = ServiceTokens("s" * 32, "identity")
    found = await vault.lines([CAMPAIGN], [typed])
    assert found == {CAMPAIGN: tuple(lines[CAMPAIGN][0])}


async def test_only_identity_asks_about_numbers_and_nothing_is_kept(house: House) -> None:
    body = {"campaign_ids": [CAMPAIGN], "numbers": ["610-555-0123"]}
    for service in ("queue", "results", "gotv", "voters"):
        assert (await house.ask_vault("lines", body, service=service)).status_code == 403
    path = "/voters/vault/lines"
    assert (await house.http.post(path, json=body, headers=house.headers())).status_code == 401
    before = await house.everything_stored()
    assert (await house.ask_vault("lines", body, service="identity")).status_code == 200
    assert await house.everything_stored() == before
    many = {"campaign_ids": [CAMPAIGN], "numbers": ["610-555-0123"] * 21}
    assert (await house.ask_vault("lines", many, service="identity")).status_code == 422
