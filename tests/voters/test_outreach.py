"""Last attempt and support beside the voter: the same in whatever order the calls are told."""

import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libs.chassis.problems import Unavailable
from libs.events.base import Recorded
from libs.events.results import CallDispositioned, CallSuperseded, Disposition
from services.voters.domain.outreach import (
    CallMade,
    last_attempt_at,
    learned,
    support_level,
)
from services.voters.outreach import remembering_calls
from tests.voters.house import CAMPAIGN, House

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
Fact = CallDispositioned | CallSuperseded


def call(
    call_id: str,
    hours: float = 0,
    support: int | None = None,
    *,
    received: float | None = None,
    voter_id: str = "v",
    bank_id: str = "b",
) -> CallDispositioned:
    """A result; `hours` after noon it was called, `received` hours after noon it arrived."""
    return CallDispositioned(
        campaign_id=CAMPAIGN,
        voter_id=voter_id,
        voter_ids=(voter_id,),
        call_id=call_id,
        assignment_id=f"assignment of {call_id}",
        bank_id=bank_id,
        line_id="l",
        caller_id="c",
        organization_id=None,
        script_version=1,
        disposition=Disposition.NOT_HOME if support is None else Disposition.CANVASSED,
        spoke_with="nobody" if support is None else "voter",
        answers={},
        support=support,
        called_at=NOON + timedelta(hours=hours),
        received_at=NOON + timedelta(hours=hours if received is None else received),
    )


def superseded(old: CallDispositioned, by: str) -> CallSuperseded:
    kept = old.model_dump(include=set(CallSuperseded.model_fields) - {"by_call_id"})
    return CallSuperseded(**kept, by_call_id=by)


def told(facts: list[Fact]) -> tuple[datetime | None, int | None]:
    calls: tuple[CallMade, ...] = ()
    for fact in facts:
        calls = learned(calls, fact)
    return last_attempt_at(calls), support_level(calls)


FIRST, SECOND, THIRD = call("a", 0, 2), call("b", 24), call("c", 48, 4)
SLIP = call("a", 0, 5)
MENDED = call("a", 0, 1, received=3)
LATE = call("late", 30, 3)

HISTORIES: dict[str, tuple[list[Fact], float | None, int | None]] = {
    "nobody called": ([], None, None),
    "not home": ([SECOND], 24, None),
    "told once, then not home": ([FIRST, SECOND], 24, 2),
    "told twice": ([FIRST, SECOND, THIRD], 48, 4),
    "would not say": ([call("a", 0, 0)], 0, 0),
    "a slip is corrected": ([SLIP, MENDED, superseded(SLIP, "a")], 0, 1),
    "a correction takes the support back": (
        [SLIP, call("a", 0, None, received=2), superseded(SLIP, "a")],
        0,
        None,
    ),
    "two results for one attempt": ([FIRST, LATE, superseded(FIRST, "late")], 30, 3),
    "the only call was superseded": ([superseded(FIRST, "x"), FIRST], None, None),
    "everything": ([SLIP, MENDED, superseded(SLIP, "a"), SECOND, THIRD, THIRD], 48, 4),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_any_order_and_any_repetition_gives_the_same(name: str) -> None:
    facts, hours, support = HISTORIES[name]
    expected = (None if hours is None else NOON + timedelta(hours=hours), support)
    assert told(facts) == expected
    for order in itertools.islice(itertools.permutations(facts), 200):
        assert told(list(order)) == expected, order
    dice = random.Random(name)
    for _ in range(50):
        again = [*facts, *dice.choices(facts or [], k=len(facts))] if facts else []
        dice.shuffle(again)
        assert told(again) == expected, again


def recorded(event: Fact, position: int) -> Recorded:
    return Recorded(
        event=event,
        id=f"f{position}",
        stream=f"call-{event.call_id}",
        version=1,
        at=NOON,
        topic="results.events",
        partition=0,
        position=position,
    )


async def rows_of(house: House, **banks: bool) -> None:
    """Three voters on the file, and phone banks by whether they are for practice."""
    rows = house.database["selectable"]
    for voter_id in ("v", "w", "x"):
        row = {"_id": f"{CAMPAIGN}/{voter_id}", "campaign_id": CAMPAIGN, "voter_id": voter_id}
        await rows.insert_one(row | {"status": "active", "state": "PA"})
    for bank_id, practice in banks.items():
        await house.database["phone_banks_v1"].insert_one({"_id": bank_id, "practice": practice})


async def selected(house: House, **selection: Any) -> int:
    answer = await house.http.post(
        "/voters/universes",
        json={"campaign_id": CAMPAIGN, "name": "n", "selection": selection, "preview": True},
        headers=house.headers(),
    )
    assert answer.status_code == 200, answer.text
    count: int = answer.json()["voters"]
    return count


@pytest.mark.real
@pytest.mark.parametrize("seed", range(4))
async def test_calls_come_into_the_rows_that_are_selected_by(house: House, seed: int) -> None:
    await rows_of(house, b=False, practice=True)
    facts: list[Fact] = [
        *HISTORIES["everything"][0],
        call("d", 2, 1, voter_id="w"),
        call("p", 90, 5, voter_id="x", bank_id="practice"),
        call("e", 2, 1, voter_id="nobody"),
    ]
    random.Random(seed).shuffle(facts)
    policy = remembering_calls(house.database)
    for position, fact in enumerate(facts):
        await policy.react(recorded(fact, position))
    row = await house.database["selectable"].find_one({"_id": f"{CAMPAIGN}/v"})
    assert row is not None
    assert (row["last_attempt_at"], row["support_level"]) == (NOON + timedelta(hours=48), 4)
    # What was called for practice was called by nobody.
    assert await selected(house, last_attempt={"never": True}) == 1
    assert await selected(house, last_attempt={"since": NOON.isoformat()}) == 2
    later = (NOON + timedelta(hours=3)).isoformat()
    assert await selected(house, last_attempt={"since": later}) == 1
    assert await selected(house, last_attempt={"before": later}) == 2
    assert await selected(house, support_known=True) == 2
    assert await selected(house, support_known=False) == 1
    assert await selected(house, support_levels=[1, 2]) == 1
    assert await house.database["selectable"].count_documents({}) == 3


@pytest.mark.real
async def test_a_result_before_its_phone_bank_waits(house: House) -> None:
    await rows_of(house)
    policy = remembering_calls(house.database)
    with pytest.raises(Unavailable):
        await policy.react(recorded(FIRST, 1))
    await house.database["phone_banks_v1"].insert_one({"_id": "b", "practice": False})
    await policy.react(recorded(FIRST, 1))
    assert await selected(house, support_levels=[2]) == 1
