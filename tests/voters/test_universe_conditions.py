"""Every condition of a universe, alone and together: who is in it, and what the pages call it."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.voters.selection import Selection
from services.voters.selection_words import CONDITIONS, selection_in_words
from tests.voters.house import CAMPAIGN, OTHER_CAMPAIGN, House

DAY = datetime(2026, 10, 1, tzinfo=UTC)

# One voter a line; what is left out of a row is what a voter has who was never called.
VOTERS: dict[str, dict[str, Any]] = {
    "ann": {"party": "D", "birth_year": 1990, "support_level": 1, "last_attempt_at": DAY},
    "bob": {"party": "R", "birth_year": 1960, "support_level": 5},
    "cyd": {"party": "", "birth_year": None, "support_level": 0},
    "dee": {"party": "D", "birth_year": 2000, "county": "berks", "has_phone": False},
    "eve": {"party": "D", "birth_year": 1990, "state": "OH", "county": "adams"},
    "fay": {"party": "D", "birth_year": 1990, "status": "inactive", "fictional": True},
    "gil": {"party": "D", "birth_year": 1990, "status": "cancelled"},
    "hal": {"party": "D", "birth_year": 1990, "status": "unknown"},
}
USUAL = {
    "state": "PA",
    "county": "lehigh",
    "status": "active",
    "has_phone": True,
    "fictional": False,
}
CALLED_LATER = {"bob": datetime(2026, 10, 3, tzinfo=UTC)}

CASES: list[tuple[dict[str, Any], str]] = [
    ({}, "ann bob cyd dee eve fay"),
    ({"state": "pa"}, "ann bob cyd dee fay"),
    ({"counties": ["Berks", "ADAMS"]}, "dee eve"),
    ({"parties": ["D"]}, "ann dee eve fay"),
    ({"parties": ["", "r"]}, "bob cyd"),
    ({"ages": {"from": 30, "to": 40}}, "ann eve fay"),
    ({"ages": {"to": 30}}, "dee"),
    ({"ages": {"from": 66, "to": 66}}, "bob"),
    ({"has_phone": True}, "ann bob cyd eve fay"),
    ({"has_phone": False}, "dee"),
    ({"last_attempt": {"never": True}}, "cyd dee eve fay"),
    ({"last_attempt": {"before": "2026-10-02T00:00:00Z"}}, "ann cyd dee eve fay"),
    ({"last_attempt": {"before": "2026-10-01T00:00:00Z"}}, "cyd dee eve fay"),
    ({"last_attempt": {"since": "2026-10-01T00:00:00Z"}}, "ann bob"),
    ({"last_attempt": {"since": "2026-10-01T00:00:00-04:00"}}, "bob"),
    ({"support_known": True}, "ann bob"),
    ({"support_known": False}, "cyd dee eve fay"),
    ({"support_levels": [1, 2]}, "ann"),
    ({"support_known": True, "support_levels": [5]}, "bob"),
    ({"fictional_only": True}, "fay"),
    ({"parties": ["D"], "has_phone": True, "support_known": False, "state": "PA"}, "fay"),
]
REFUSED: list[dict[str, Any]] = [
    {"last_attempt": {}},
    {"last_attempt": {"never": True, "since": "2026-10-01T00:00:00Z"}},
    {"last_attempt": {"since": "2026-10-01T00:00:00"}},
    {"last_attempt": {"since": "yesterday"}},
    {"support_levels": [0]},
    {"support_levels": [6]},
    {"support_known": False, "support_levels": [1]},
]


async def put_on_file(house: House) -> None:
    rows = [
        USUAL
        | {"_id": f"{campaign}/{name}", "campaign_id": campaign, "voter_id": name}
        | voter
        | ({"last_attempt_at": CALLED_LATER[name]} if name in CALLED_LATER else {})
        for campaign in (CAMPAIGN, OTHER_CAMPAIGN)
        for name, voter in VOTERS.items()
    ]
    await house.database["selectable"].insert_many(rows)


async def ask(house: House, selection: dict[str, Any], *, preview: bool) -> httpx.Response:
    body = {"campaign_id": CAMPAIGN, "name": "n", "selection": selection, "preview": preview}
    return await house.http.post("/voters/universes", json=body, headers=house.headers())


@pytest.mark.real
async def test_who_is_in_a_universe(house: House) -> None:
    await put_on_file(house)
    for selection, names in CASES:
        answer = await ask(house, selection, preview=True)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["voters"] == len(names.split()), (selection, found["funnel"])
        left = len(VOTERS)
        for step in found["funnel"]:
            assert step["left"] == left - step["removed"], (selection, step)
            assert step["condition"] in CONDITIONS
            left = step["left"]
    for selection in REFUSED:
        assert (await ask(house, selection, preview=True)).status_code == 422, selection


@pytest.mark.real
async def test_what_is_saved_is_who_was_counted(house: House) -> None:
    await put_on_file(house)
    for selection, names in CASES:
        answer = await ask(house, selection, preview=False)
        assert answer.status_code == 201, answer.text
        universe_id = answer.json()["universe_id"]
        facts = await house.facts("universe-entered")
        (entered,) = [fact for fact in facts if fact["universe_id"] == universe_id]
        assert sorted(entered["voter_ids"]) == names.split(), selection
        path = f"/voters/universes/{universe_id}"
        kept = (await house.http.get(path, headers=house.headers())).json()["selection"]
        assert Selection.model_validate(kept) == Selection.model_validate(selection)


@pytest.mark.real
async def test_the_choices_are_the_campaigns_own(house: House) -> None:
    await put_on_file(house)
    path = f"/voters/universes/choices?campaign_id={CAMPAIGN}"
    answer = await house.http.get(path, headers=house.headers(("organizer", CAMPAIGN)))
    choices = answer.json()["choices"]
    assert sum(each["voters"] for each in choices) == len(VOTERS)
    assert {"state": "OH", "county": "adams", "party": "D", "voters": 1} in choices
    for grant in (("caller", CAMPAIGN), ("organizer", OTHER_CAMPAIGN)):
        refused = await house.http.get(path, headers=house.headers(grant))
        assert refused.status_code == 403


def words(**selection: Any) -> list[tuple[str, str, str]]:
    said = Selection.model_validate(selection).as_json()
    return [(each["label"], each["text"], each["at"]) for each in selection_in_words(said)]


def test_a_selection_in_words() -> None:
    assert words() == []
    assert words(state="pa", counties=["van wert"], parties=["D", "", "XYZ"]) == [
        ("State", "PA", ""),
        ("County", "Van Wert", ""),
        ("Party", "Democratic, Nothing said in the file, XYZ", ""),
    ]
    assert words(ages={"from": 30}) == [("Age", "30 and older", "")]
    assert words(ages={"to": 30}) == [("Age", "30 and younger", "")]
    assert words(ages={"from": 30, "to": 40}) == [("Age", "30 to 40", "")]
    assert words(has_phone=False, support_known=False) == [
        ("Phone", "Has none", ""),
        ("Support", "Not known yet", ""),
    ]
    assert words(support_levels=[1, 2]) == [("Support", "Level 1, 2", "")]
    assert words(last_attempt={"never": True}) == [("Last attempt", "Never called", "")]
    moment = "2026-10-01T00:00:00Z"
    (attempt,) = words(last_attempt={"since": moment})
    assert attempt == ("Last attempt", "Called since", moment)
