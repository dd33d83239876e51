"""The demo's made-up callers: their mix, their manners at a busy server, and when they stop."""

import asyncio
import math
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Any

import httpx
import pytest

from deploy.demo.callers import CALLERS_DEFAULT, people
from deploy.demo.organizations import ABROAD, AT_HOME
from deploy.demo.phone_call import SECONDS_MAX, call
from deploy.demo.script import DEMO_SCRIPT
from deploy.demo.volunteer import BACK_OFF_SECONDS_MAX, Board, Volunteer
from deploy.embedded.house import callers as callers_child
from deploy.embedded.place import Place, Unusable
from services.queue.dispositions import CHOICES

OFFERED = [str(choice.value) for choice in CHOICES if str(choice.value) != "left_message"]
BANK = {"bank_id": "practice", "practice": True, "callable_now": 900}

Answers = Callable[[httpx.Request], httpx.Response]


def assignment(voters: int = 1, party: str = "D", *, fictional: bool = True) -> dict[str, Any]:
    """An assignment as the queue answers it."""
    return {
        "assignment_id": "a-1",
        "ticket": "signed",
        "line": {"line_id": "l-1", "fictional": fictional},
        "voters": [
            {"voter_id": f"v-{n}", "party": party, "local_time": "2026-10-06T15:20:00-04:00"}
            for n in range(voters)
        ],
        "script": DEMO_SCRIPT,
        "dispositions": [{"value": value} for value in OFFERED],
    }


def problem(status: int, type: str, **extra: Any) -> httpx.Response:
    return httpx.Response(status, json={"type": f"/problems/{type}", **extra})


# What is answered unless the test says otherwise.
ALWAYS: dict[str, tuple[str, int, Any]] = {
    "/messages": ("mail", 200, [{"text": "https://x/confirm?token=mailed"}]),
    "/identity/sessions": ("log_in", 201, {"token": "t"}),
    "/identity/confirmations": ("confirmation", 200, {}),
    "/queue/phone-banks/practice/assignments": ("next_voter", 201, assignment()),
    "/results/calls": ("result", 201, {"receipt": "thanks"}),
}


class Server:
    """Answers of our choice, the mail catcher's included; keeps what it was asked."""

    def __init__(self, **answers: list[httpx.Response]) -> None:
        self.asked: list[httpx.Request] = []
        self.callable_now = 900
        self._answers = answers

    def keys(self, path: str) -> list[str]:
        return [r.headers["idempotency-key"] for r in self.asked if r.url.path == path]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.method == "DELETE":
            return httpx.Response(204)
        if request.method == "GET" and request.url.path == "/queue/phone-banks":
            bank = {**BANK, "callable_now": self.callable_now}
            return httpx.Response(200, json={"phone_banks": [bank]})
        what, status, body = ALWAYS[request.url.path]
        return self._next(what, httpx.Response(status, json=body))

    def _next(self, what: str, otherwise: httpx.Response) -> httpx.Response:
        left = self._answers.get(what)
        return left.pop(0) if left else otherwise


class Room:
    """One volunteer before a server, with time that passes at once."""

    def __init__(self, server: Server) -> None:
        self.slept: list[float] = []
        self.rested: list[float] = []
        self.stops_at_seconds = math.inf
        self.stopped = asyncio.Event()
        self.http = httpx.AsyncClient(
            transport=httpx.MockTransport(server), base_url="http://phonebank.test"
        )
        self.volunteer = Volunteer(
            next(people(1)),
            self.http,
            Board(self.http, fresh_seconds=0, leave_voters=200),
            mail_url="http://mail.test",
            dice=random.Random(7),
            sleep=self._sleep,
            rest=self._rest,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    async def _rest(self, seconds: float) -> None:
        self.rested.append(seconds)
        if seconds > self.stops_at_seconds:
            self.stopped.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)


def test_the_mix_is_that_of_published_figures() -> None:
    dice = random.Random(2026)
    calls = [call(assignment(), dice) for _ in range(6_000)]
    first = Counter(ended.results[0]["disposition"] for ended in calls)
    spoken = sum(ended.spoke_with not in {"nobody", "other"} for ended in calls) / len(calls)
    bad = (first["disconnected"] + first["wrong_number"]) / len(calls)
    assert 0.15 <= spoken <= 0.20
    assert 0.10 <= bad <= 0.30
    assert first["not_home"] / len(calls) > 0.5
    assert set(first) <= set(OFFERED)
    assert "left_message" not in first, "it is not offered, so nobody may mark it"
    # What reading, marking and a breath take comes on top: 45 to 50 numbers an hour.
    talking_seconds = sum(ended.seconds for ended in calls) / len(calls)
    assert 35 <= talking_seconds <= 60
    assert max(ended.seconds for ended in calls) <= SECONDS_MAX < 600


def test_only_the_voter_who_spoke_has_answers_and_others_are_not_home() -> None:
    dice = random.Random(3)
    for _ in range(500):
        ended = call(assignment(voters=3), dice)
        for result in ended.results:
            if result["voter_id"] != ended.spoke_with:
                assert result["answers"] == {}
            elif len(ended.results) > 1:
                others = {r["disposition"] for r in ended.results if r is not result}
                assert others == {"not_home"}
            if result["disposition"] == "call_back":
                assert datetime.fromisoformat(result["promise"]["at"]).utcoffset() is not None


@pytest.mark.parametrize(("party", "mostly"), [("D", "12"), ("R", "45")])
def test_support_leans_as_the_party_does(party: str, mostly: str) -> None:
    dice = random.Random(4)
    said = [call(assignment(party=party), dice).results[0]["answers"] for _ in range(3_000)]
    levels = Counter(answers["support"] for answers in said if "support" in answers)
    assert sum(levels[level] for level in mostly) > levels.total() / 2
    assert all(levels[level] for level in "012345")


def test_a_third_are_abroad_and_every_seed_makes_the_same_people() -> None:
    twenty = list(islice(people(2026), CALLERS_DEFAULT))
    assert twenty == list(islice(people(2026), CALLERS_DEFAULT))
    assert twenty != list(islice(people(2027), CALLERS_DEFAULT))
    assert len({person.email for person in twenty}) == CALLERS_DEFAULT
    credits = Counter(person.organization for person in twenty)
    assert credits == {AT_HOME["slug"]: 14, ABROAD["slug"]: 6}


async def test_a_call_is_dialed_at_a_human_pace_and_the_receipt_goes_on() -> None:
    server = Server()
    room = Room(server)
    for _ in range(400):
        await room.volunteer.call_once()
    given_back = room.volunteer.met["skipped"]
    assert room.volunteer.met["call"] + given_back == 400
    numbers_per_hour = 400 * 3_600 / sum(room.rested)
    assert 42 <= numbers_per_hour <= 52
    assert room.slept == []
    asked_next = [r for r in server.asked if r.url.path.endswith("/assignments")]
    assert b"thanks" in asked_next[1].content


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(503, json={"type": "/problems/unavailable"}),
        httpx.Response(429, headers={"retry-after": "17"}, json={"type": "/problems/too-many"}),
    ],
    ids=["503", "429"],
)
async def test_a_busy_server_is_given_time_and_hears_the_same_command_again(
    answer: httpx.Response,
) -> None:
    server = Server(result=[answer, answer, answer])
    room = Room(server)
    while not room.volunteer.met["call"]:
        await room.volunteer.call_once()
    assert len(server.keys("/results/calls")) == 4
    assert len(set(server.keys("/results/calls"))) == 1
    assert len(room.slept) == 3
    if "retry-after" in answer.headers:
        assert all(17 <= seconds <= 2 * 17 for seconds in room.slept)
    else:
        assert room.slept == sorted(room.slept)
    assert max(room.slept) <= 1.5 * BACK_OFF_SECONDS_MAX


async def test_a_session_that_ended_is_begun_anew() -> None:
    server = Server(next_voter=[problem(401, "unauthenticated")])
    room = Room(server)
    server._answers["log_in"] = [problem(403, "not-confirmed")]
    await room.volunteer._arrive()
    assert [r.url.path for r in server.asked] == [
        "/messages", "/identity/sessions", "/messages", "/identity/confirmations",
        "/identity/sessions",
    ]  # fmt: skip
    await room.volunteer.call_once()
    assert room.volunteer.met["call"] + room.volunteer.met["skipped"] == 1
    assert [r.url.path for r in server.asked].count("/identity/sessions") == 3


async def test_after_some_dozens_of_calls_there_is_a_break_for_a_meal() -> None:
    room = Room(Server())
    room.stops_at_seconds = SECONDS_MAX
    working = asyncio.create_task(room.volunteer.work())
    async with asyncio.timeout(30):
        await room.stopped.wait()
    working.cancel()
    assert 35 <= room.volunteer.met["call"] + room.volunteer.met["skipped"] <= 61
    assert 600 <= max(room.rested) <= 3_600


@pytest.mark.parametrize(
    "refusal",
    [
        problem(409, "finished"),
        problem(409, "paused"),
        problem(409, "outside-hours", next_opening="2026-10-07T13:00:00Z"),
        problem(409, "all-in-progress", retry_after_seconds=20),
        problem(403, "not-your-phone-bank"),
    ],
    ids=lambda refusal: refusal.json()["type"],
)
async def test_when_there_is_nobody_to_call_they_rest(refusal: httpx.Response) -> None:
    server = Server(next_voter=[refusal])
    room = Room(server)
    await room.volunteer.call_once()
    assert server.keys("/results/calls") == []
    assert sum(room.rested) + sum(room.slept) >= 120


async def test_the_last_voters_are_left_to_people_who_try_the_demo() -> None:
    server = Server()
    server.callable_now = 200
    room = Room(server)
    await room.volunteer.call_once()
    assert {r.url.path for r in server.asked} == {"/queue/phone-banks"}
    server.callable_now = 201
    await room.volunteer.call_once()
    assert "/queue/phone-banks/practice/assignments" in {r.url.path for r in server.asked}


async def test_a_number_that_is_not_kept_for_fiction_is_given_back() -> None:
    real = httpx.Response(201, json=assignment(fictional=False))
    server = Server(next_voter=[real])
    room = Room(server)
    await room.volunteer.call_once()
    assert server.asked[-1].url.query == b"reason=unsuitable"
    assert server.keys("/results/calls") == []


def test_callers_are_twenty_unless_said_and_the_house_does_not_need_them() -> None:
    assert Place.from_environment({}).callers == 20
    assert Place.from_environment({"CALLERS": "0"}).callers == 0
    with pytest.raises(Unusable, match=r"CALLERS=many is not usable: .* from 0 to 500"):
        Place.from_environment({"CALLERS": "many"})
    child = callers_child(Place.from_environment({"CALLERS": "50"}), {})
    assert child.env["CALLERS"] == "50"
    assert not child.needed
