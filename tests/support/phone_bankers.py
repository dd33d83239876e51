"""Callers at work, who write down what they were told: the history that tests recount."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

RETRY_SECONDS = 0.2
ANSWER_SECONDS_MAX = 15.0


@dataclass(slots=True)
class History:
    """What was acknowledged, by whom; every command was sent again until it was answered."""

    assignments: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    retries: int = 0
    problems: Counter[str] = field(default_factory=Counter)

    def dispositions(self) -> Counter[str]:
        """How many acknowledged results of each kind."""
        return Counter(
            result["disposition"] for call in self.calls.values() for result in call["results"]
        )

    def support(self) -> Counter[str]:
        """How many acknowledged answers of each level."""
        return Counter(
            str(result["answers"]["support"])
            for call in self.calls.values()
            for result in call["results"]
            if "support" in result["answers"]
        )


@dataclass(slots=True)
class PhoneBanker:
    """One caller: next voter, result, next voter … with a browser's patience."""

    name: str
    token: str
    base_url: str
    bank_id: str
    history: History
    dice: random.Random
    _sent: int = 0

    async def work(self, stop: asyncio.Event) -> None:
        """Call until told to stop; a call that was begun is finished."""
        receipt: str | None = None
        while not stop.is_set():
            assignment = await self._next(receipt)
            if assignment is None:
                receipt = None
                continue
            call = await self._record(assignment)
            receipt = call["receipt"]

    async def _next(self, receipt: str | None) -> dict[str, Any] | None:
        body = {"receipt": receipt} if receipt else {}
        status, answer = await self._send(f"/queue/phone-banks/{self.bank_id}/assignments", body)
        if status not in {httpx.codes.OK, httpx.codes.CREATED}:
            self.history.problems[f"next {status} {answer.get('type')}"] += 1
            await asyncio.sleep(RETRY_SECONDS)
            return None
        self.history.assignments[answer["assignment_id"]] = {
            "caller": self.name,
            "line_id": answer["line"]["line_id"],
            "voters": [voter["voter_id"] for voter in answer["voters"]],
        }
        return answer

    async def _record(self, assignment: dict[str, Any]) -> dict[str, Any]:
        voters = [voter["voter_id"] for voter in assignment["voters"]]
        spoke_with, results = self._outcome(voters)
        body = {
            "ticket": assignment["ticket"],
            "spoke_with": spoke_with,
            "results": results,
            "device_time": datetime.now(UTC).isoformat(),
        }
        if self.dice.random() < 0.05:
            # A phone that was in a tunnel: the same result twice at once, under two keys.
            answers = await asyncio.gather(
                self._send("/results/calls", body), self._send("/results/calls", body)
            )
            assert answers[0][1]["call_id"] == answers[1][1]["call_id"], answers
            status, answer = answers[0]
        else:
            status, answer = await self._send("/results/calls", body)
        assert status == httpx.codes.CREATED, (status, answer)
        self.history.calls[answer["call_id"]] = {
            "caller": self.name,
            "assignment_id": assignment["assignment_id"],
            "results": results,
        }
        return answer

    def _outcome(self, voters: list[str]) -> tuple[str, list[dict[str, Any]]]:
        kind = self.dice.choices(
            ["not_home", "busy", "disconnected", "canvassed", "refused"], [50, 8, 7, 30, 5]
        )[0]
        if kind in {"canvassed", "refused"}:
            answers = {"support": self.dice.randint(1, 5)} if kind == "canvassed" else {}
            first = {"voter_id": voters[0], "disposition": kind, "answers": answers}
            rest = [{"voter_id": v, "disposition": "not_home", "answers": {}} for v in voters[1:]]
            return voters[0], [first, *rest]
        return "nobody", [{"voter_id": v, "disposition": kind, "answers": {}} for v in voters]

    async def _send(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Once, whatever it takes: the same key until there is an answer that is one."""
        self._sent += 1
        headers = {
            "authorization": f"Bearer {self.token}",
            "idempotency-key": f"{self.name}-{self._sent}",
        }
        while True:
            try:
                # A connection of its own each time: a killed server leaves dead ones behind.
                async with httpx.AsyncClient(timeout=ANSWER_SECONDS_MAX) as http:
                    answer = await http.post(self.base_url + path, json=body, headers=headers)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                found: dict[str, Any] = answer.json()
                return answer.status_code, found
            self.history.retries += 1
            await asyncio.sleep(RETRY_SECONDS)
