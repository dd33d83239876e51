"""The tallies: in whatever order facts arrive, and as often; kept in MongoDB, read over HTTP."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.chassis.tokens import Grant
from libs.database import Database
from libs.events.base import Event
from libs.events.queue import PhoneBankCreated, ScriptPublished
from libs.events.results import CallSuperseded, Disposition
from libs.views.buckets import BUCKETS
from libs.views.parking import Parking
from libs.views.runner import ViewRunner
from services.results.views.caller_tallies import CallerTallies, read_callers
from services.results.views.scripts import Scripts
from services.results.worker import VIEWS
from tests.results.facts import dispositioned, fold_all, interleaved, recorded
from tests.results.moments import EVENING
from tests.results.opened import bearer, results_app
from tests.support.backing import eventually

LEAD = Grant("lead", campaign_id="c1")
FAMILY = ("ann", "bob")


def taken_back(fact: Event) -> CallSuperseded:
    return CallSuperseded.model_validate(fact.model_dump() | {"by_call_id": "later"})


def bank_created() -> PhoneBankCreated:
    return PhoneBankCreated(
        campaign_id="c1",
        bank_id="b1",
        name="Evening",
        candidate="Ida",
        state="PA",
        purpose="identification",
        universe_id="u1",
        practice=False,
        hours={},
        organization_ids=("o1",),
    )


def an_evening() -> list[Event]:
    slip = dispositioned("ann", voter_ids=FAMILY, disposition="deceased", call_id="slip")
    told = {"support": "2", "issue": "a.b$c", "likes": ("x", "y"), "votes": True}
    return [
        bank_created(),
        slip,
        dispositioned("bob", voter_ids=FAMILY, answers=told, support=2, disposition="canvassed"),
        dispositioned("ann", voter_ids=FAMILY, call_id="later"),
        taken_back(slip),
        dispositioned("cid", disposition="wrong_number", caller_id="dora", organization_id=None),
        dispositioned("dan", bank_id="b2", caller_id="$d.o.ra"),
        dispositioned("eve", bank_id="b2", caller_id="finn"),
        dispositioned("flo", bank_id="b2"),
    ]


async def fold(database: Database, facts: list[Event]) -> None:
    """Twice, as after a restart."""
    parking = Parking(database, lambda: EVENING)
    for view in VIEWS:
        runner = ViewRunner(view, database, parking, lambda: EVENING)
        await runner.prepare()
        for _ in range(2):
            await runner.apply(recorded(facts))


@pytest.mark.parametrize("view", VIEWS[:4], ids=lambda view: view.name)
@given(st.data())
def test_no_order_of_arrival_leaves_a_trace(view, data) -> None:
    facts = recorded(an_evening())
    shuffled = fold_all(view, data.draw(interleaved(facts)))
    straight = fold_all(view, facts)
    assert [row | {"rev": 0} for _, row in sorted(shuffled.items())] == [
        row | {"rev": 0} for _, row in sorted(straight.items())
    ]


def callers(facts: Sequence[Event]) -> dict[str, Any]:
    """What each caller of the bank b1 did, from facts that all come twice."""
    every = recorded(facts)
    rows = fold_all(CallerTallies(), every + every).values()
    of_the_bank = [row["callers"] for row in rows if row["bank_id"] == "b1"]
    return {name: told for callers in of_the_bank for name, told in callers.items()}


def test_a_caller_keeps_every_call_that_counts() -> None:
    told = callers(an_evening())
    assert told["casper"]["calls"] == 2
    assert told["dora"]["dispositions"] == {"wrong_number": 1}


def test_many_callers_of_a_bank_are_a_row_a_bucket_of_few() -> None:
    crowd = [
        dispositioned(f"v{number}", caller_id=f"crowd-{number:012x}") for number in range(10_000)
    ]
    rows = fold_all(CallerTallies(), recorded(crowd))
    assert len(rows) == BUCKETS
    assert max(len(row["callers"]) for row in rows.values()) < 60
    assert len(callers(crowd)) == 10_000


def test_a_correction_moves_only_its_callers_figures() -> None:
    """Casper and Emma are in one bucket."""
    slip = dispositioned("ann", disposition="refused", caller_id="emma")
    mended = slip.model_copy(update={"disposition": Disposition.NOT_HOME})
    other = dispositioned("bob", disposition="refused")
    told = callers([slip, other, mended, taken_back(slip)])
    assert told["emma"]["dispositions"] == {"refused": 0, "not_home": 1}
    assert (told["emma"]["calls"], told["casper"]["calls"]) == (1, 1)
    assert told["casper"]["dispositions"] == {"refused": 1}


def test_too_many_different_answers_are_counted_together() -> None:
    ages = [dispositioned("ann", answers={"age": n}) for n in range(150)]
    ages += [dispositioned("ann", answers={"age": 3})]
    (row,) = fold_all(VIEWS[0], recorded(ages)).values()
    assert row["answers"]["age"]["(other)"] == 50
    assert row["answers"]["age"]["3"] == 2


def test_the_questions_of_a_script_are_kept_by_version() -> None:
    blocks = [
        {"id": "hello", "kind": "text", "text": "Hello"},
        {"id": "votes", "kind": "yes_no", "text": "Will you vote?"},
        {"id": "issue", "kind": "choice", "text": "?", "options": [{"value": "a", "label": "A"}]},
    ]
    published = ScriptPublished(
        campaign_id="c1", bank_id="b1", script_version=2, script={"blocks": blocks}
    )
    rows = fold_all(Scripts(), recorded([published]))
    asked: dict[str, Any] = {"text": "?", "meaning": None, "options": []}
    assert rows["b1/2"]["questions"] == [
        asked | {"id": "votes", "kind": "yes_no", "text": "Will you vote?"},
        asked | {"id": "issue", "kind": "choice", "options": [{"value": "a", "label": "A"}]},
    ]


async def test_a_lead_reads_them(database: Database) -> None:
    await fold(database, an_evening())
    async with results_app(database) as results:
        answer = await results.http.get(
            "/results/phone-banks/b1/tallies", headers={"authorization": bearer("lena", LEAD)}
        )
    assert answer.status_code == 200
    said: dict[str, Any] = answer.json()
    assert (said["calls"], said["attempts"], said["superseded"]) == (3, 2, 1)
    assert said["by_disposition"] == {"canvassed": 1, "not_home": 1, "wrong_number": 1}
    assert said["by_answer"] == {
        "issue": {"a.b$c": 1},
        "likes": {"x": 1, "y": 1},
        "support": {"2": 1},
        "votes": {"yes": 1},
    }
    assert said["by_organization"] == [
        {"organization_id": None, "calls": 1, "attempts": 1},
        {"organization_id": "o1", "calls": 2, "attempts": 1},
    ]
    assert [(each["caller_id"], each["calls"]) for each in said["by_caller"]] == [
        ("casper", 2),
        ("dora", 1),
    ]


async def test_callers_are_read_by_id_whatever_their_bucket(database: Database) -> None:
    await fold(database, an_evening())
    told = await read_callers(database, "b2")
    assert [(each["caller_id"], each["calls"]) for each in told] == [
        ("$d.o.ra", 1),
        ("casper", 1),
        ("finn", 1),
    ]
    assert await read_callers(database, "b9") == []


async def test_nobody_else_reads_them(database: Database) -> None:
    await fold(database, an_evening())
    async with results_app(database) as results:
        for header, status in (
            (bearer("lena"), 403),
            (bearer("lena", Grant("lead", campaign_id="c2")), 403),
            (bearer("lena", Grant("caller", campaign_id="c1")), 403),
            ("", 401),
        ):
            answer = await results.http.get(
                "/results/phone-banks/b1/tallies", headers={"authorization": header}
            )
            assert answer.status_code == status
        unknown = await results.http.get(
            "/results/phone-banks/b9/tallies", headers={"authorization": bearer("lena", LEAD)}
        )
        assert (unknown.status_code, unknown.json()["type"]) == (
            404,
            "/problems/no-such-phone-bank",
        )


async def test_the_script_tells_answers_from_words(database: Database) -> None:
    blocks = [
        {"id": "why", "kind": "free_text", "text": "Why?"},
        {"id": "issue", "kind": "choice", "text": "?", "options": [{"value": "a", "label": "A"}]},
    ]
    published = ScriptPublished(
        campaign_id="c1", bank_id="b1", script_version=3, script={"blocks": blocks}
    )
    await fold(database, [published])
    told = {"why": "Zelda said so", "issue": "a", "other": "x"}
    async with results_app(database) as results:
        result = {"voter_id": "ann", "disposition": "canvassed", "answers": told}
        said = (await results.record(result, spoke_with="ann")).json()
        assert "no question 'other'" in said["notes"][0]
        fact = results.facts()[0]
        assert fact.model_dump()["answers"] == {"issue": "a"}
        assert results.vault.words("note") == ["why: Zelda said so"]


async def test_answers_to_a_script_that_is_on_its_way_are_read_when_it_is_here(
    database: Database,
) -> None:
    options = [{"value": "a", "label": "A"}]
    blocks = [{"id": "issue", "kind": "choice", "text": "?", "options": options}]
    published = ScriptPublished(
        campaign_id="c1", bank_id="b1", script_version=3, script={"blocks": blocks}
    )
    asked = {"ns": f"{database.name}.{Scripts.name}_v{Scripts.version}", "op": "query"}

    async def asked_in_vain() -> bool:
        return await database["system.profile"].find_one(asked) is not None

    async with results_app(database) as results:
        await database.command("profile", 2)
        result = {"voter_id": "ann", "disposition": "canvassed", "answers": {"issue": "a"}}
        recording = asyncio.create_task(results.record(result, spoke_with="ann"))
        await eventually(asked_in_vain, saying="the questions were asked for")
        await database.command("profile", 0)
        await fold(database, [published])
        assert (await recording).status_code == 201
        assert results.facts()[0].model_dump()["answers"] == {"issue": "a"}
