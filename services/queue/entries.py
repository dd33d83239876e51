"""Lines made ready to be handed out: read exactly from the log, with their people's cards."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from libs.chassis.vault import Card, CardLine, Purpose
from libs.database import Database
from libs.eventstore.store import History, Log
from libs.views.view import Row
from services.queue.bank_book import KnownBank
from services.queue.domain.errors import LineInUse, LineNotCallable, NotForThisCaller
from services.queue.domain.line import LINE
from services.queue.domain.line_commands import AssignLine, Candidate
from services.queue.domain.line_state import Line
from services.queue.promises import Deposits, Promise
from services.queue.views import searches as voters
from services.queue.views.standing import elsewhere

PREPARED_BY = "queue"
VIEW_LAG_MAX = timedelta(seconds=5)
LOOKED_AT_AGAIN = timedelta(minutes=10)


class Cards(Deposits, Protocol):
    """The vault, as far as the queue asks it: people's cards and promises' words, in batches."""

    async def cards(
        self, campaign_id: str, voter_ids: Iterable[str], *, purpose: Purpose, actor: str
    ) -> dict[str, Card]:
        """The cards by voter id; unknown and erased voters are left out. Raises Unavailable."""


def line_stream(campaign_id: str, line_id: str) -> str:
    """The stream of a line in a campaign."""
    return f"line-{campaign_id}-{line_id}"


@dataclass(slots=True)
class Entry:
    """A line ready to be handed out until a moment. `ask` is complete but for who asks, and when.

    `version` and `line` are the stream as it was read: the append fails if they are no longer so.
    `language`: it was looked for in the name of those who speak it.
    """

    line_id: str
    stream: str
    version: int
    line: Line
    ask: AssignLine
    cards: Mapping[str, Card]
    until: datetime
    promised_at: datetime | None = None
    promised_to: str | None = None
    promises: tuple[Promise, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """Entries, and from when on each other line may be worth another look."""

    entries: Sequence[Entry]
    not_now: Mapping[str, datetime]


class Preparation:
    """Turns rows of the view, which are ideas, into entries, which the log has confirmed."""

    def __init__(self, log: Log, views: Database, vault: Cards) -> None:
        self._log = log
        self._views = views
        self._vault = vault

    async def prepare(
        self,
        bank: KnownBank,
        line_ids: Collection[str],
        at: datetime,
        keep: timedelta,
        promises: Mapping[str, Sequence[Promise]] | None = None,
    ) -> Prepared:
        """Entries for the lines that may be called at `at` (a promised one: when it is due).

        One question to the view, one to the log, one to the vault, however many lines.
        """
        campaign_id = bank.created.campaign_id
        streams = {line_id: line_stream(campaign_id, line_id) for line_id in line_ids}
        households = await voters.households(self._views, campaign_id, line_ids)
        histories = await self._log.read_many(streams.values())
        candidates: list[tuple[Entry, tuple[str, ...]]] = []
        not_now: dict[str, datetime] = {}
        for line_id, stream in streams.items():
            history = histories.get(stream, History())
            line = LINE.fold(history.facts)  # type: ignore[arg-type]  # its own stream.
            ask = _ask(bank, line_id, households.get(line_id, ()), at)
            entry = Entry(line_id, stream, history.version, line, ask, {}, at + keep)
            promised = (promises or {}).get(line_id, ())
            if promised:
                entry.promises = tuple(promised)
                entry.promised_at = promised[0].at
                entry.promised_to = promised[0].caller_id
            try:
                voter_ids = _would_show(entry)
            except LineNotCallable as no:
                not_now[line_id] = worth_another_try_at(no, at)
                continue
            except NotForThisCaller:
                voter_ids = tuple(voter.voter_id for voter in ask.voters)
            candidates.append((entry, voter_ids))
        entries = await self._with_cards(campaign_id, candidates)
        ready = {entry.line_id for entry in entries}
        not_now |= {
            entry.line_id: at + LOOKED_AT_AGAIN
            for entry, _ in candidates
            if entry.line_id not in ready
        }
        return Prepared(entries, not_now)

    async def _with_cards(
        self, campaign_id: str, candidates: Sequence[tuple[Entry, tuple[str, ...]]]
    ) -> list[Entry]:
        """The entries of which the vault still knows the number and a voter, with their cards."""
        wanted = list(dict.fromkeys(voter for _, voter_ids in candidates for voter in voter_ids))
        if not wanted:
            return []
        cards = await self._vault.cards(campaign_id, wanted, purpose="call", actor=PREPARED_BY)
        entries = []
        for entry, voter_ids in candidates:
            entry.cards = {
                voter_id: cards[voter_id]
                for voter_id in voter_ids
                if voter_id in cards and number_of(cards[voter_id], entry.line_id) is not None
            }
            shown = tuple(v for v in entry.ask.voters if v.voter_id in entry.cards)
            if shown:
                entry.ask = replace(entry.ask, voters=shown)
                entries.append(entry)
        return entries


def number_of(card: Card, line_id: str) -> CardLine | None:
    """The number on a card that belongs to a line."""
    return next((line for line in card.lines if line.line_id == line_id), None)


def _would_show(entry: Entry) -> tuple[str, ...]:
    """Who would be shown if somebody without any past asked now. Raises as `decide` does."""
    ask = entry.ask
    if entry.promised_at is not None:
        ask = replace(
            ask, at=max(ask.at, entry.promised_at), caller_id=entry.promised_to or ask.caller_id
        )
    facts = LINE.decide(entry.line, ask)
    voter_ids: tuple[str, ...] = facts[-1].voter_ids
    return voter_ids


def worth_another_try_at(no: LineNotCallable, at: datetime) -> datetime:
    """When to look at a line again that could not be called.

    A line in use is soon known to the view; other lines are due when their rules say so, and ten
    minutes are enough where there is no telling.
    """
    again_at = no.extra.get("again_at")
    if isinstance(no, LineInUse):
        return at + VIEW_LAG_MAX
    latest = at + LOOKED_AT_AGAIN
    return min(again_at, latest) if isinstance(again_at, datetime) else latest


def _ask(bank: KnownBank, line_id: str, rows: Sequence[Row], at: datetime) -> AssignLine:
    created = bank.created
    return AssignLine(
        campaign_id=created.campaign_id,
        line_id=line_id,
        bank_id=created.bank_id,
        assignment_id="",
        caller_id="",
        organization_id=None,
        slot=0,
        script_version=bank.script.version,
        at=at,
        hours=None if created.practice else bank.hours,
        attempts_max=created.attempts_max,
        voters=tuple(
            candidate_of(row, line_id, created.bank_id)
            for row in rows
            if created.universe_id in row["universes"]
        ),
        practice=created.practice,
    )


def candidate_of(row: Row, line_id: str, bank_id: str) -> Candidate:
    """A voter as the rules of this line see the row."""
    other = elsewhere(row, line_id, bank_id)
    return Candidate(
        voter_id=row["voter_id"],
        zones=tuple(row["file"]["zones"]),
        fictional=row["fictional"],
        let_go=frozenset(row["let_go"]),
        tries_elsewhere=other.tries,
        done_elsewhere=other.done,
        tried_elsewhere_at=other.disturbed_at,
        promised_elsewhere_at=other.promised_at,
        language_elsewhere=other.language,
    )
