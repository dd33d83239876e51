"""Corrections over HTTP: the form is filled again, put right, and words are for few eyes."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from libs.chassis.tokens import Grant
from libs.database import Database
from libs.events.queue import ScriptPublished
from libs.events.results import CallCorrected, CallDispositioned
from libs.views.view import View
from services.results.views.banks import Banks
from services.results.views.scripts import Scripts
from tests.results.facts import fold_all, recorded
from tests.results.moments import at
from tests.results.opened import Results, results_app
from tests.results.test_tallies import bank_created

LEAD = Grant("lead", campaign_id="c1")
SCRIPT = {
    "blocks": [
        {"id": "hello", "kind": "text", "text": "Hello!"},
        {
            "id": "support",
            "kind": "scale",
            "text": "May we count on you?",
            "meaning": "support",
            "options": [{"value": str(level), "label": f"Level {level}"} for level in range(6)],
        },
        {"id": "volunteer", "kind": "yes_no", "text": "Will you help?", "meaning": "volunteer"},
        {"id": "why", "kind": "free_text", "text": "Why?"},
    ]
}
ANN_DECEASED = {"voter_id": "ann", "disposition": "deceased", "answers": {}}
BOB_FOR_US = {
    "voter_id": "bob",
    "disposition": "canvassed",
    "answers": {"support": "2", "volunteer": True},
}
NOT_HOME: dict[str, Any] = {"voter_id": "ann", "disposition": "not_home", "spoke_with": "nobody"}


@pytest.fixture
async def results(database: Database) -> AsyncIterator[Results]:
    published = ScriptPublished(campaign_id="c1", bank_id="b1", script_version=3, script=SCRIPT)
    views: tuple[View, ...] = (Scripts(), Banks())
    for view in views:
        for row in fold_all(view, recorded([bank_created(), published])).values():
            await database[f"{view.name}_v{view.version}"].insert_one(row)
    async with results_app(database) as opened:
        yield opened


async def recorded_call(results: Results, **changed: Any) -> str:
    told = [ANN_DECEASED | changed, BOB_FOR_US]
    said = (await results.record(*told, spoke_with="bob")).json()
    call_id: str = said["call_id"]
    return call_id


async def test_the_caller_puts_a_slip_right(results: Results) -> None:
    call_id = await recorded_call(results)
    results.clock.time = at(3)
    answer = await results.correct(call_id, **NOT_HOME)
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "call_id": call_id,
            "voter_id": "ann",
            "disposition": "not_home",
            "changed": True,
            "notes": [],
        },
    )
    said, corrected = (
        next(f for f in reversed(results.facts()) if isinstance(f, kind))
        for kind in (CallDispositioned, CallCorrected)
    )
    assert isinstance(said, CallDispositioned)
    assert isinstance(corrected, CallCorrected)
    assert (said.call_id, said.called_at, said.received_at) == (call_id, at(), at(3))
    assert (corrected.by, corrected.corrected_by) == ("caller", "casper")


async def test_the_same_correction_again_is_answered_alike_and_recorded_once(
    results: Results,
) -> None:
    call_id = await recorded_call(results)
    first = await results.correct(call_id, **NOT_HOME)
    facts = results.facts()
    # The answer was lost; the caller's phone asks again, after the ten minutes.
    results.clock.time = at(30)
    again = await results.correct(call_id, **NOT_HOME)
    assert (again.status_code, again.json()) == (201, first.json())
    assert results.facts() == facts
    other = await results.correct(call_id, **(NOT_HOME | {"disposition": "busy"}))
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    keyless = await results.correct(call_id, key=None, **NOT_HOME)
    assert keyless.json()["type"] == "/problems/idempotency-key-missing"


REFUSALS = [
    # who, minutes after the call, with which roles, what the answer is
    ("casper", 11, (), (403, "/problems/too-late-to-correct")),
    ("mallory", 1, (), (403, "/problems/not-yours-to-correct")),
    ("mallory", 1, (Grant("lead", campaign_id="c2"),), (403, "/problems/not-yours-to-correct")),
    ("mallory", 1, (Grant("auditor", campaign_id="c1"),), (403, "/problems/not-yours-to-correct")),
]


@pytest.mark.parametrize(("who", "minutes", "grants", "expected"), REFUSALS)
async def test_who_may_not_sees_nothing_changes_nothing_and_is_told_who_can(
    results: Results, who: str, minutes: float, grants: tuple[Grant, ...], expected: Any
) -> None:
    call_id = await recorded_call(results, hearsay="She passed away")
    results.clock.time = at(minutes)
    facts, texts = results.facts(), dict(results.vault.texts)
    seen = await results.get(f"/results/calls/{call_id}", *grants, caller=who)
    put = await results.correct(call_id, *grants, caller=who, notes="Words", **NOT_HOME)
    for answer in (seen, put):
        assert (answer.status_code, answer.json()["type"]) == expected
        assert "lead" in answer.json()["detail"]
    assert results.facts() == facts
    assert results.vault.texts == texts
    assert not [path for path, _ in results.vault.asked if path.endswith("/read")]


async def test_a_lead_may_at_any_time(results: Results) -> None:
    call_id = await recorded_call(results)
    results.clock.time = at(60 * 24)
    answer = await results.correct(call_id, LEAD, caller="lea", **NOT_HOME)
    assert answer.status_code == 201
    (corrected,) = [fact for fact in results.facts() if isinstance(fact, CallCorrected)]
    assert (corrected.by, corrected.corrected_by, corrected.caller_id) == ("lead", "lea", "casper")


async def test_what_was_recorded_is_read_as_it_was_sent(results: Results) -> None:
    promise = {"at": "2026-10-07T22:00:00Z", "number": "215-555-0199", "question": "Why?"}
    call_id = await recorded_call(results, hearsay="She passed away", promise=promise)
    said = (await results.get(f"/results/calls/{call_id}", LEAD)).json()
    assert (said["by"], said["caller_id"], said["script"]["version"]) == ("lead", "casper", 3)
    assert said["script"]["candidate"] == "Ida"
    assert [each["id"] for each in said["script"]["questions"]] == ["support", "volunteer", "why"]
    ann, bob = said["results"]
    assert (ann["disposition"], ann["spoke_with"]) == ("deceased", "bob")
    assert (ann["hearsay"], ann["promise"]["number"]) == ("She passed away", "215-555-0199")
    assert (bob["answers"], bob["spoke_with"]) == ({"support": "2", "volunteer": True}, "bob")
    assert said["correctable_until"] is None
    own = (await results.get(f"/results/calls/{call_id}", caller="casper")).json()
    assert own["correctable_until"].startswith("2026-10-06T23:10:00")


async def test_a_form_that_is_sent_as_it_was_filled_changes_nothing(results: Results) -> None:
    promise = {"at": "2026-10-07T22:00:00Z", "number": "215-555-0199"}
    call_id = await recorded_call(results, hearsay="Gone", notes="Kind", promise=promise)
    facts = results.facts()
    said = (await results.get(f"/results/calls/{call_id}", caller="casper")).json()
    for number, result in enumerate(said["results"]):
        form = {
            name: result[name]
            for name in (
                *("voter_id", "disposition", "spoke_with", "answers", "hearsay", "notes"),
                *("promise", "language", "definite"),
            )
        }
        answer = await results.correct(call_id, key=f"k{number}", **form)
        assert answer.status_code == 201, answer.text
        assert answer.json()["changed"] is False
    assert results.facts() == facts


async def test_answers_are_read_as_this_version_of_the_script_asks_them(results: Results) -> None:
    call_id = await recorded_call(results)
    sheet = {"support": 1, "volunteer": "no", "why": "Her school", "nothing_asked": 1}
    said = {"voter_id": "ann", "disposition": "canvassed", "spoke_with": "ann", "answers": sheet}
    answer = await results.correct(call_id, **said)
    assert "no question" in answer.json()["notes"][0]
    fact = next(f for f in reversed(results.facts()) if isinstance(f, CallDispositioned))
    assert isinstance(fact, CallDispositioned)
    assert (fact.support, fact.volunteer) == (1, False)
    assert fact.answers == {"support": "1", "volunteer": False}
    assert results.vault.words("note") == ["why: Her school"]


async def test_without_the_script_no_answer_is_taken_for_another(results: Results) -> None:
    async with results_app() as bare:
        call_id = await recorded_call(bare)
        said = {"voter_id": "ann", "disposition": "canvassed", "spoke_with": "ann"}
        waits = await bare.correct(call_id, answers={"support": 1}, **said)
        assert waits.status_code == 503
        assert (await bare.correct(call_id, **said)).status_code == 201


async def test_only_the_voter_refuses_in_a_correction_too(results: Results) -> None:
    call_id = await recorded_call(results)
    said = {"voter_id": "ann", "disposition": "refused", "spoke_with": "bob"}
    answer = (await results.correct(call_id, **said)).json()
    assert answer["disposition"] == "not_home"
    assert "called again" in answer["notes"][0]


async def test_what_does_not_fit_is_named(results: Results) -> None:
    call_id = await recorded_call(results)
    back = {"voter_id": "ann", "disposition": "call_back", "spoke_with": "ann"}
    timeless = await results.correct(call_id, **back)
    assert timeless.json()["errors"][0]["field"] == "promise.at"
    stranger = await results.correct(call_id, **(NOT_HOME | {"spoke_with": "zoe"}))
    assert stranger.json()["errors"][0]["field"] == "spoke_with"
    assert (await results.correct(call_id, **(NOT_HOME | {"voter_id": "zoe"}))).status_code == 404
    assert (await results.correct("no-such-call", **NOT_HOME)).status_code == 404
    assert (await results.get("/results/calls/no-such-call", LEAD)).status_code == 404


async def test_the_words_of_a_correction_lie_in_the_vault(results: Results) -> None:
    call_id = await recorded_call(results)
    said = NOT_HOME | {"spoke_with": "bob", "hearsay": "She moved to Erie", "notes": "Kind"}
    results.vault.away = True
    assert (await results.correct(call_id, **said)).status_code == 503
    results.vault.away = False
    assert (await results.correct(call_id, **said)).status_code == 201
    stored = " ".join(fact.model_dump_json() for fact in results.facts())
    assert "Erie" not in stored
    assert results.vault.words("hearsay") == ["She moved to Erie"]
