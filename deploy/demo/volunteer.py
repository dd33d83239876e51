"""One made-up volunteer who signs up, logs in and calls, as a person with a phone would."""

import asyncio
import random
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
import structlog

from deploy.demo.mailed import mailed_token
from deploy.demo.organizations import AT_HOME
from deploy.demo.phone_call import call, spread_out

PASSWORD = "our-made-up-callers-dial-on"  # noqa: S105 - of made-up people, in a demo.
BACK_OFF_SECONDS_MAX = 30.0
MAIL_POLL_SECONDS = 2.0
# Nobody to call: look again, sooner where others may give a voter back.
LOOK_AGAIN_SECONDS = 240.0
_ALL_IN_PROGRESS = "/problems/all-in-progress"
_SHIFT_CALLS = (35, 60)
_SKIPPED_SHARE = 0.015
# Seconds and their spread: the card is read and the number dialed, the result is marked, the next
# voter waits for a sip of tea, the next shift for a meal.
_READING = (12.0, 0.5)
_MARKING = (7.0, 0.4)
_BETWEEN = (9.0, 0.8)
_BETWEEN_SHIFTS = (1_200.0, 0.3)

Sleep = Callable[[float], Awaitable[None]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist; `organization` is a slug."""

    number: int
    first_name: str
    last_name: str
    email: str
    organization: str


class Board:
    """The Calls Page as volunteers read it, asked again when what it said has aged.

    Calling stops while no more than `leave_voters` are left, so that people who try the demo find
    somebody to call.
    """

    def __init__(self, http: httpx.AsyncClient, *, fresh_seconds: float, leave_voters: int) -> None:
        self._http = http
        self._fresh_seconds = fresh_seconds
        self._leave_voters = leave_voters
        self._read: dict[str, tuple[float, str | None]] = {}

    async def practice_bank(self, organization: str) -> str | None:
        """The phone bank that made-up callers work; None when there is none to work now."""
        now_seconds = asyncio.get_running_loop().time()
        if organization in self._read:
            read_at_seconds, bank_id = self._read[organization]
            if now_seconds - read_at_seconds < self._fresh_seconds:
                return bank_id
        bank_id = await self._look(organization)
        self._read[organization] = (now_seconds, bank_id)
        return bank_id

    async def _look(self, organization: str) -> str | None:
        try:
            answer = await self._http.get(
                "/queue/phone-banks", params={"organization": organization}
            )
        except httpx.HTTPError:
            return None
        banks = answer.json()["phone_banks"] if answer.is_success else []
        worth = [
            bank for bank in banks if bank["practice"] and bank["callable_now"] > self._leave_voters
        ]
        return str(worth[0]["bank_id"]) if worth else None


class Volunteer:
    """Calls for ever, in shifts; whatever goes wrong is waited for and tried again.

    `sleep` waits for real seconds, `rest` for those of a person's pace.
    """

    def __init__(
        self,
        person: Person,
        http: httpx.AsyncClient,
        board: Board,
        *,
        mail_url: str,
        dice: random.Random,
        sleep: Sleep,
        rest: Sleep,
    ) -> None:
        self.met: Counter[str] = Counter()
        self._person = person
        self._organization = person.organization
        self._http = http
        self._board = board
        self._mail_url = mail_url
        self._dice = dice
        self._sleep = sleep
        self._rest = rest
        self._token = ""
        self._receipt: str | None = None

    async def work(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.shift()
            except Exception as error:  # noqa: BLE001 - what one of them meets stops no other.
                self._note("stumbled", error=type(error).__name__)
                await self._sleep(LOOK_AGAIN_SECONDS)
            await self._pause(_BETWEEN_SHIFTS)

    async def shift(self) -> None:
        """Some dozens of calls."""
        await self._arrive()
        for _ in range(self._dice.randint(*_SHIFT_CALLS)):
            await self.call_once()

    async def call_once(self) -> None:
        """Next voter, dial, talk, record; or a rest, when there is nobody to call."""
        bank_id = await self._board.practice_bank(self._organization)
        assignment = await self._next(bank_id) if bank_id is not None else None
        if assignment is None:
            self._receipt = None
            await self._rest(self._dice.uniform(0.5, 1.5) * LOOK_AGAIN_SECONDS)
            return
        await self._pause(_READING)
        if not assignment["line"]["fictional"]:
            # Nobody of ours ever dials, and still: not even on paper is a real number ours.
            await self._give_back(assignment, "unsuitable")
        elif self._dice.random() < _SKIPPED_SHARE:
            await self._give_back(assignment, "skipped")
        else:
            await self._dial(assignment)
        await self._pause(_BETWEEN)

    async def _next(self, bank_id: str) -> dict[str, Any] | None:
        body = {"receipt": self._receipt} if self._receipt else {}
        answer = await self._ask("POST", f"/queue/phone-banks/{bank_id}/assignments", body)
        if answer.is_success:
            assignment: dict[str, Any] = answer.json()
            return assignment
        problem = answer.json()
        self._note("nobody to call", type=problem["type"])
        if problem["type"] == _ALL_IN_PROGRESS:
            await self._sleep(float(problem.get("retry_after_seconds", BACK_OFF_SECONDS_MAX)))
        return None

    async def _dial(self, assignment: dict[str, Any]) -> None:
        ended = call(assignment, self._dice)
        await self._rest(ended.seconds)
        await self._pause(_MARKING)
        answer = await self._ask(
            "POST",
            "/results/calls",
            {
                "ticket": assignment["ticket"],
                "spoke_with": ended.spoke_with,
                "results": list(ended.results),
            },
        )
        self._receipt = answer.json()["receipt"] if answer.is_success else None
        if self._receipt is None:
            self._note("result refused", type=answer.json()["type"])
        else:
            self.met["call"] += 1

    async def _give_back(self, assignment: dict[str, Any], reason: str) -> None:
        place = f"/queue/assignments/{assignment['assignment_id']}"
        await self._ask("DELETE", f"{place}?reason={reason}")
        self._receipt = None
        self.met[reason] += 1

    async def _arrive(self) -> None:
        """Sign up if there is no mail from us yet, follow its link if need be, log in."""
        if await self._mail() is None:
            await self._sign_up()
        if await self._log_in() == httpx.codes.FORBIDDEN:
            await self._confirm()
            await self._log_in()

    async def _sign_up(self) -> None:
        person = self._person
        about = {
            "email": person.email,
            "password": PASSWORD,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "phone": "000-000-0000",
            "organization": person.organization,
        }
        answer = await self._ask("POST", "/identity/callers", about)
        answer.raise_for_status()
        self.met["signed up"] += 1

    async def _confirm(self) -> None:
        while (token := await self._mail()) is None:
            await self._sleep(MAIL_POLL_SECONDS)
        answer = await self._ask("POST", "/identity/confirmations", {"token": token})
        answer.raise_for_status()

    async def _mail(self) -> str | None:
        for tries in count(1):
            try:
                return await mailed_token(self._http, self._mail_url, self._person.email)
            except httpx.HTTPError:
                await self._back_off(tries)
        return None

    async def _log_in(self) -> int:
        """The status; 403 when the mailed link must be followed first. Other refusals raise."""
        self._token = ""
        about = {"email": self._person.email, "password": PASSWORD}
        about["organization"] = self._organization
        answer = await self._ask("POST", "/identity/sessions", about)
        if answer.status_code == httpx.codes.NOT_FOUND and self._organization != AT_HOME["slug"]:
            # Data of an earlier release knows no organization abroad.
            self._organization = AT_HOME["slug"]
            return await self._log_in()
        if answer.status_code != httpx.codes.FORBIDDEN:
            self._token = answer.raise_for_status().json()["token"]
        return answer.status_code

    async def _ask(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        """Send until there is an answer that is one, under the same key: recorded once.

        A busy or absent server is given time; a session that has ended is begun anew.
        """
        key = secrets.token_hex(12)
        for tries in count(1):
            headers = {"idempotency-key": key}
            if self._token:
                headers["authorization"] = f"Bearer {self._token}"
            try:
                answer = await self._http.request(method, path, json=body, headers=headers)
            except httpx.HTTPError:
                await self._back_off(tries)
                continue
            if answer.status_code == httpx.codes.UNAUTHORIZED and self._token:
                await self._log_in()
            elif answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
                await self._back_off(tries, answer.headers.get("retry-after"))
            else:
                return answer
        raise AssertionError("unreachable: one tries for ever")

    async def _back_off(self, tries: int, retry_after: str | None = None) -> None:
        """Longer every time, never in step with the others."""
        self.met["backed off"] += 1
        seconds = min(2.0 ** min(tries, 10) / 2, BACK_OFF_SECONDS_MAX)
        asked_seconds = float(retry_after) if retry_after and retry_after.isdecimal() else 0.0
        await self._sleep(max(seconds, asked_seconds) * self._dice.uniform(1.0, 1.5))

    async def _pause(self, about: tuple[float, float]) -> None:
        await self._rest(spread_out(*about, self._dice))

    def _note(self, what: str, **why: str) -> None:
        self.met[what] += 1
        log.info(what, volunteer=self._person.number, **why)
