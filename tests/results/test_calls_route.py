"""Results over HTTP: what is acknowledged, what is refused, and what is said about it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from libs.chassis.tickets import Receipt
from libs.events.results import (
    CallDispositioned,
    CallSuperseded,
    HearsayRecorded,
    NoteLeft,
    PromiseMade,
)
from tests.results.moments import EVENING, at
from tests.results.opened import Results, results_app, ticket

ANN_NOT_HOME = {"voter_id": "ann", "disposition": "not_home", "answers": {}}
BOB_FOR_US = {
    "voter_id": "bob",
    "disposition": "canvassed",
    "answers": {"support": "2", "volunteer": True},
}


@pytest.fixture
async def results() -> AsyncIterator[Results]:
    async with results_app() as opened:
        yield opened


async def test_a_result_is_recorded_and_receipted(results: Results) -> None:
    answer = await results.record(ANN_NOT_HOME, BOB_FOR_US, spoke_with="bob")
    assert answer.status_code == 201
    said = answer.json()
    assert (said["complete"], said["notes"]) == (True, [])
    receipt = results.office.read(said["receipt"], Receipt, EVENING)
    assert (receipt.call_id, receipt.assignment_id, receipt.slot) == (said["call_id"], "a1", 7)
    assert receipt.complete
    facts = [fact for fact in results.facts() if isinstance(fact, CallDispositioned)]
    assert [(f.voter_id, f.disposition, f.spoke_with, f.support) for f in facts] == [
        ("ann", "not_home", "other_voter", None),
        ("bob", "canvassed", "voter", 2),
    ]
    assert {fact.call_id for fact in facts} == {said["call_id"]}


async def test_the_same_again_is_answered_alike_and_recorded_once(results: Results) -> None:
    first = await results.record(ANN_NOT_HOME, BOB_FOR_US, spoke_with="bob", key="k1")
    facts = results.facts()
    again = await results.record(ANN_NOT_HOME, BOB_FOR_US, spoke_with="bob", key="k1")
    other_key = await results.record(ANN_NOT_HOME, BOB_FOR_US, spoke_with="bob", key="k2")
    assert again.status_code == other_key.status_code == 201
    assert first.json() == again.json() == other_key.json()
    assert results.facts() == facts


async def test_many_at_once_are_recorded_once(results: Results) -> None:
    answers = await asyncio.gather(
        *(results.record(ANN_NOT_HOME, BOB_FOR_US, spoke_with="bob", key=f"k{n}") for n in range(9))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len([f for f in results.facts() if isinstance(f, CallDispositioned)]) == 2


async def test_a_household_may_come_in_parts(results: Results) -> None:
    half = (await results.record(ANN_NOT_HOME)).json()
    whole = (await results.record(BOB_FOR_US, spoke_with="bob")).json()
    assert (half["complete"], whole["complete"]) == (False, True)
    assert half["call_id"] == whole["call_id"]
    assert not results.office.read(half["receipt"], Receipt, EVENING).complete


async def test_a_second_different_result_is_another_call(results: Results) -> None:
    first = (await results.record(ANN_NOT_HOME)).json()
    refused = {"voter_id": "ann", "disposition": "refused", "answers": {}}
    results.clock.time = at(1)
    second = (await results.record(refused, spoke_with="ann")).json()
    assert second["call_id"] != first["call_id"]
    (gone,) = [fact for fact in results.facts() if isinstance(fact, CallSuperseded)]
    assert (gone.call_id, gone.by_call_id) == (first["call_id"], second["call_id"])
    late_repeat = (await results.record(ANN_NOT_HOME)).json()
    assert late_repeat["call_id"] == first["call_id"]
    assert len([f for f in results.facts() if isinstance(f, CallDispositioned)]) == 2


async def test_a_result_from_a_train_keeps_its_call_time(results: Results) -> None:
    results.clock.time = EVENING + timedelta(days=3)
    answer = await results.record(ANN_NOT_HOME, device_time="2026-10-06T19:05:30.1239-04:00")
    assert answer.status_code == 201
    (fact,) = results.facts()
    assert isinstance(fact, CallDispositioned)
    assert fact.called_at == at(5.5) + timedelta(milliseconds=123)
    assert fact.received_at == results.clock.time


async def test_a_clock_that_is_wrong_is_held_to_what_is_possible(results: Results) -> None:
    results.clock.time = at(10)
    await results.record(ANN_NOT_HOME, device_time="1970-01-01T00:00:00Z")
    await results.record(BOB_FOR_US, spoke_with="bob", device_time="2040-01-01T00:00:00Z")
    ann, bob, *_ = results.facts()
    assert isinstance(ann, CallDispositioned)
    assert isinstance(bob, CallDispositioned)
    assert ann.called_at == EVENING
    assert bob.called_at == at(10)


async def test_words_lie_in_the_vault_before_the_fact_names_them(results: Results) -> None:
    told = ANN_NOT_HOME | {
        "hearsay": "She won't vote for you",
        "notes": "Very kind",
        "promise": {"at": "2026-10-07T22:00:00Z", "number": "215-555-0199", "question": "Why?"},
    }
    for _ in range(2):
        assert (await results.record(told, spoke_with="bob")).status_code == 201
    assert results.vault.words("hearsay") == ["She won't vote for you"]
    assert results.vault.words("note") == ["Very kind"]
    assert results.vault.words("promise_number") == ["215-555-0199"]
    assert results.vault.words("promise_question") == ["Why?"]
    named = [
        fact.deposit_id for fact in results.facts() if isinstance(fact, HearsayRecorded | NoteLeft)
    ]
    assert set(named) < set(results.vault.texts)
    (promise,) = [fact for fact in results.facts() if isinstance(fact, PromiseMade)]
    assert {promise.number_deposit_id, promise.question_deposit_id} < set(results.vault.texts)
    stored = " ".join(fact.model_dump_json() for fact in results.facts())
    assert "vote for you" not in stored
    assert "555" not in stored


async def test_two_different_notes_are_two_deposits(results: Results) -> None:
    await results.record(ANN_NOT_HOME | {"notes": "Very kind"})
    await results.record(ANN_NOT_HOME | {"notes": "Call her Annie"})
    assert sorted(results.vault.words("note")) == ["Call her Annie", "Very kind"]
    assert len([fact for fact in results.facts() if isinstance(fact, NoteLeft)]) == 2
    assert len([fact for fact in results.facts() if isinstance(fact, CallDispositioned)]) == 1


async def test_only_words_wait_for_the_vault(results: Results) -> None:
    results.vault.away = True
    noted = ANN_NOT_HOME | {"notes": "Very kind"}
    assert (await results.record(BOB_FOR_US, spoke_with="bob")).status_code == 201
    away = await results.record(noted)
    assert away.status_code == 503
    assert away.headers["content-type"] == "application/problem+json"
    assert len([fact for fact in results.facts() if isinstance(fact, CallDispositioned)]) == 1
    results.vault.away = False
    assert (await results.record(noted)).json()["complete"]
    assert results.vault.words("note") == ["Very kind"]


async def test_what_is_no_language_is_no_fact(results: Results) -> None:
    barrier = {"voter_id": "ann", "disposition": "language_barrier", "answers": {}}
    await results.record(barrier | {"language": " Spanish "}, spoke_with="ann")
    await results.record(
        barrier | {"voter_id": "bob", "language": "asks for Maria, 555-0100"}, spoke_with="bob"
    )
    languages = [f.language for f in results.facts() if isinstance(f, CallDispositioned)]
    assert languages == ["spanish", None]
    assert results.vault.words("note") == ["language: asks for maria, 555-0100"]


async def test_the_answer_says_what_was_kept_otherwise(results: Results) -> None:
    refused = {"voter_id": "ann", "disposition": "refused", "answers": {"support": 5}}
    said = (await results.record(refused, BOB_FOR_US, spoke_with="bob")).json()
    assert "the voter is called again" in said["notes"][0]
    ann = results.facts()[0]
    assert isinstance(ann, CallDispositioned)
    assert (ann.disposition, ann.support, ann.answers) == ("not_home", None, {})


async def test_another_callers_ticket_is_not_yours(results: Results) -> None:
    answer = await results.record(ANN_NOT_HOME, caller="mallory")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-your-call")


async def test_a_forged_or_too_old_ticket_is_refused(results: Results) -> None:
    good = results.office.sign(ticket())
    forged = await results.record(ANN_NOT_HOME, ticket=good[:-2] + "AA")
    assert (forged.status_code, forged.json()["type"]) == (422, "/problems/ticket-invalid")
    results.clock.time = EVENING + timedelta(days=14)
    assert (await results.record(ANN_NOT_HOME, caller="casper")).status_code in {401, 422}
    assert results.facts() == []


async def test_a_voter_of_another_line_is_refused(results: Results) -> None:
    answer = await results.record(ANN_NOT_HOME | {"voter_id": "zoe"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/not-on-ticket")
    twice = await results.record(ANN_NOT_HOME, ANN_NOT_HOME)
    assert twice.json()["errors"][0]["field"] == "results[1].voter_id"


async def test_a_body_that_does_not_fit_names_the_place(results: Results) -> None:
    called_back = {"voter_id": "ann", "disposition": "call_back", "answers": {}}
    timeless = await results.record(called_back, spoke_with="ann")
    assert timeless.json()["errors"][0]["field"] == "results[0].promise.at"
    unknown = await results.record(ANN_NOT_HOME | {"disposition": "vanished"})
    assert unknown.status_code == 422
    assert "results[0].disposition" in unknown.json()["detail"]
    zoneless = await results.record(called_back | {"promise": {"at": "2026-10-07T18:00:00"}})
    assert zoneless.status_code == 422
    assert (await results.record()).status_code == 422
    assert results.facts() == []


async def test_nobody_records_without_logging_in(results: Results) -> None:
    answer = await results.http.post("/results/calls", json={})
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
