"""The queue with everything around it: others' facts, a clock to set, made-up people, its views."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, TypeVar
from uuid import uuid4

from libs.chassis.problems import Unavailable
from libs.chassis.tokens import Grant, Principal
from libs.chassis.vault import Card, CardLine
from libs.database import Database
from libs.events.base import Event, Recorded
from libs.events.identity import OrganizationFounded
from libs.events.results import CallDispositioned, CallSuperseded, Disposition
from libs.events.voters import UniverseDefined, UniverseEntered, VoterImported
from libs.eventstore.memory import MemoryLog
from libs.eventstore.position import order_number
from libs.eventstore.store import Commit, Log, Meta, Request, handle
from libs.views.parking import Parking
from libs.views.runner import ViewRunner
from libs.views.view import Policy
from services.queue.bank_book import bank_stream
from services.queue.clock import QueueClock
from services.queue.domain.phone_bank import (
    BANK,
    BankCommand,
    CreatePhoneBank,
    OpenPhoneBank,
    PublishScript,
)
from services.queue.handout import Handout
from services.queue.policies import policies
from services.queue.views.searches import COLLECTION as VOTERS
from services.queue.worker import VIEWS
from tests.queue.lines import EASTERN, MORNING

Answer = TypeVar("Answer")

CAMPAIGN, UNIVERSE, ORGANIZATION = "campaign", "universe", "dvc"
SCRIPT: dict[str, Any] = {
    "blocks": [
        {"id": "hello", "kind": "text", "text": "Hello {voter.first_name} of {voter.city}!"},
        {
            "id": "support",
            "kind": "scale",
            "text": "Will you vote for {candidate}?",
            "meaning": "support",
            "options": [{"value": "1", "label": "Yes"}, {"value": "5", "label": "No"}],
        },
    ],
    "thanks": "Thank you, {voter.first_name}!",
    "paid_for_by": "Paid for by Friends of Ida Marlowe.",
    "candidate_site": "https://marlowe.example.org",
}


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    at: datetime = MORNING

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class People:
    """The vault, as far as the queue sees it: cards and texts. Counts what it was asked."""

    cards_by_voter: dict[str, Card] = field(default_factory=dict)
    questions: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    read: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    is_away: bool = False  # For texts; cards still come.

    async def cards(
        self, campaign_id: str, voter_ids: Iterable[str], *, purpose: str, actor: str
    ) -> dict[str, Card]:
        wanted = tuple(voter_ids)
        self.questions.append((actor, wanted))
        await asyncio.sleep(0)
        known = self.cards_by_voter
        return {voter_id: known[voter_id] for voter_id in wanted if voter_id in known}

    async def read_deposits(
        self, campaign_id: str, deposit_ids: Sequence[str], *, actor: str
    ) -> dict[str, str]:
        self.read.append((actor, tuple(deposit_ids)))
        if self.is_away:
            raise Unavailable
        return {each: self.texts[each] for each in deposit_ids if each in self.texts}

    def add(self, voter_id: str, line_ids: Sequence[str], zones: tuple[str, ...]) -> None:
        self.cards_by_voter[voter_id] = Card(
            voter_id=voter_id,
            first_name=voter_id.title(),
            last_name="Madeup",
            name=f"{voter_id.title()} Madeup",
            age=44,
            party="D",
            city="Erie",
            state="PA",
            zones=zones,
            gender=None,
            lines=tuple(
                CardLine(
                    line_id, f"+1814555{number:04d}", f"(814) 555-{number:04d}", fictional=True
                )
                for number, line_id in enumerate(line_ids, 100)
            ),
        )


def caller(name: str = "casper", organization_id: str | None = ORGANIZATION) -> Principal:
    """A caller of the organization that the bank is for."""
    return Principal(
        caller_id=name,
        session_id=f"session of {name}",
        expires_at=datetime(2027, 1, 1, tzinfo=UTC),
        issued_at=MORNING,
        organization_id=organization_id,
    )


def organizer(campaign_id: str = CAMPAIGN) -> Principal:
    """An organizer of the campaign."""
    grants = (Grant("organizer", campaign_id),)
    return Principal("olive", "session of olive", datetime(2027, 1, 1, tzinfo=UTC), MORNING, grants)


@dataclass
class House:
    """Logs, views and processes of the queue; `catch_up` is what the bus does in between."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    people: People = field(default_factory=People)
    log: Log = field(default_factory=lambda: MemoryLog("queue.events"))
    others: dict[str, MemoryLog] = field(default_factory=dict)
    together_first: bool = True  # Else a household's results come one by one before.
    _runners: list[ViewRunner] = field(default_factory=list)
    _after: dict[str, int] = field(default_factory=dict)
    _counted: dict[tuple[str, str], CallDispositioned] = field(default_factory=dict)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _for_ever: list[asyncio.Task[None]] = field(default_factory=list)

    async def open(self) -> "House":
        parking = Parking(self.database, self.clock)
        await parking.prepare()
        self._runners = [ViewRunner(view, self.database, parking, self.clock) for view in VIEWS]
        for runner in self._runners:
            await runner.prepare()
        return self

    async def close(self) -> None:
        for task in self._for_ever:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10)

    def for_ever(self, work: Coroutine[Any, Any, None]) -> None:
        """Run until the house is closed."""
        self._for_ever.append(self.background(work))

    def background(self, work: Coroutine[Any, Any, Answer]) -> "asyncio.Task[Answer]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def handout(self, **changes: Any) -> Handout:
        """One more process that hands out."""
        return Handout(self.log, self.database, self.people, self.clock, self.background, **changes)

    async def tell(self, stream: str, *facts: Event) -> None:
        """Another service publishes facts on a stream of its own."""
        service = facts[0].TYPE.partition(".")[0]
        log = self.others.setdefault(service, MemoryLog(f"{service}.events"))
        version = (await log.read(stream)).version + 1
        meta = Meta(self.clock(), service)
        await log.append(Commit(uuid4().hex, stream, version, facts, meta))

    async def catch_up(self) -> None:
        """Every fact reaches every view and policy, until there is nothing new."""
        while batch := await self._new_facts():
            for runner in self._runners:
                await runner.apply(batch)
            for policy in policies(self.log, self.database, self.clock):
                listened = [fact for fact in batch if isinstance(fact.event, policy.listens)]
                for _, together in groupby(listened, key=lambda fact: fact.commit_id):
                    await self._react(policy, list(together))

    async def _react(self, policy: Policy, facts: Sequence[Recorded]) -> None:
        """Every fact may come twice, by itself and with those of its commit."""
        together = policy.react_together if len(facts) > 1 else None
        if together and self.together_first:
            await together(facts)
        for fact in facts:
            await policy.react(fact)
            await policy.react(fact)
        if together:
            await together(facts)

    async def _new_facts(self) -> list[Recorded]:
        logs: dict[str, Log] = {"queue": self.log, **self.others}
        batch = []
        for name, log in logs.items():
            async for fact in log.in_order(self._after.get(name, 0)):
                batch.append(fact)
                self._after[name] = fact.position
                assert order_number(fact.position)
        return batch

    async def import_voters(
        self, households: dict[str, Sequence[str]], zones: tuple[str, ...] = (EASTERN,)
    ) -> None:
        """Voters by line: the campaign's file has them, and they are in the universe."""
        voter_ids = await self.put_on_file(households, zones)
        await self.tell(
            f"universe-{UNIVERSE}",
            UniverseDefined(
                campaign_id=CAMPAIGN,
                universe_id=UNIVERSE,
                name="Everybody",
                selection={},
                voters=len(voter_ids),
            ),
            UniverseEntered(campaign_id=CAMPAIGN, universe_id=UNIVERSE, voter_ids=voter_ids),
        )
        await self.catch_up()

    async def put_on_file(
        self, households: dict[str, Sequence[str]], zones: tuple[str, ...] = (EASTERN,)
    ) -> tuple[str, ...]:
        """Voters by line, in no universe, and nothing has heard of them yet; answers their ids."""
        lines_of: dict[str, list[str]] = {}
        for line_id, voter_ids in households.items():
            for voter_id in voter_ids:
                lines_of.setdefault(voter_id, []).append(line_id)
        for voter_id, line_ids in lines_of.items():
            self.people.add(voter_id, line_ids, zones)
            fact = VoterImported(
                campaign_id=CAMPAIGN,
                voter_id=voter_id,
                line_ids=tuple(line_ids),
                state="PA",
                zones=zones,
                fictional=True,
                person_version=1,
                digest="0",
                import_id="import",
            )
            await self.tell(f"voter-{CAMPAIGN}-{voter_id}", fact)
        return tuple(lines_of)

    async def found_organization(self) -> None:
        founded = OrganizationFounded(
            organization_id=ORGANIZATION,
            slug="dvc-palo-alto",
            name="DVC Palo Alto",
            help_contact="help@dvc.example.org",
            words="Thank you for calling!",
        )
        await self.tell(f"organization-{ORGANIZATION}", founded)

    async def open_bank(self, bank_id: str = "bank", **changes: Any) -> None:
        """A bank over the universe, with a script, open."""
        create: dict[str, Any] = {
            "campaign_id": CAMPAIGN,
            "bank_id": bank_id,
            "name": "Evenings",
            "candidate": "Ida Marlowe",
            "state": "PA",
            "purpose": "identification",
            "universe_id": UNIVERSE,
            "practice": False,
            "hours": None,
            "organization_ids": (ORGANIZATION,),
            "messages_allowed": False,
            "attempts_max": 3,
            "closes_at": None,
            "at": self.clock(),
        }
        for command in (
            CreatePhoneBank(**(create | changes)),
            PublishScript(SCRIPT),
            OpenPhoneBank(self.clock()),
        ):
            await self.run(bank_id, command)

    async def run(self, bank_id: str, command: BankCommand) -> None:
        """An organizer does something with a bank."""
        await handle(self.log, BANK, bank_stream(bank_id), command, self.request())
        await self.catch_up()

    def request(self, key: str | None = None, fingerprint: str = "") -> Request:
        """A command's envelope; the same key is the same command."""
        meta = Meta(self.clock(), "somebody", CAMPAIGN, fingerprint=fingerprint)
        return Request(key or uuid4().hex, meta)

    async def call_ended(
        self, assigned: Any, disposition: Disposition = Disposition.NOT_HOME, **changes: Any
    ) -> None:
        """Results publishes how a call ended for each voter of the assignment, in one commit.

        Said again, it takes back which of the two does not count.
        """
        await self.tell_of_call(assigned, disposition, **changes)
        await self.catch_up()

    async def tell_of_call(
        self, assigned: Any, disposition: Disposition = Disposition.NOT_HOME, **changes: Any
    ) -> None:
        """As `call_ended`, and nothing has heard of it yet."""
        facts: list[Event] = []
        for voter_id in changes.pop("voters", assigned.voter_ids):
            said: dict[str, Any] = {
                "campaign_id": CAMPAIGN,
                "voter_id": voter_id,
                "voter_ids": assigned.voter_ids,
                "call_id": f"call of {assigned.assignment_id}",
                "assignment_id": assigned.assignment_id,
                "bank_id": assigned.bank_id,
                "line_id": assigned.line_id,
                "caller_id": assigned.caller_id,
                "organization_id": ORGANIZATION,
                "script_version": 1,
                "disposition": disposition,
                "spoke_with": "nobody",
                "answers": {},
                "called_at": self.clock(),
                "received_at": self.clock(),
            }
            fact = CallDispositioned(**(said | changes))
            facts += (fact, *self._taken_back_by(fact))
        await self.tell(f"call-{assigned.assignment_id}", *facts)

    def _taken_back_by(self, fact: CallDispositioned) -> list[CallSuperseded]:
        attempt = fact.assignment_id, fact.voter_id
        known = sorted(
            [each for each in (self._counted.get(attempt), fact) if each],
            key=lambda result: (result.called_at, result.received_at),
        )
        self._counted[attempt] = known[-1]
        return [
            CallSuperseded(**earlier.model_dump(), by_call_id=known[-1].call_id)
            for earlier in known[:-1]
        ]

    async def row(self, voter_id: str) -> dict[str, Any]:
        """The voter's row."""
        row = await self.database[VOTERS].find_one({"_id": f"{CAMPAIGN}/{voter_id}"})
        assert row is not None, voter_id
        return row

    def time_passes(self) -> QueueClock:
        """The process that expires what is due."""
        return QueueClock(self.log, self.database, self.clock)
