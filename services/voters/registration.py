"""Registers a step of rows: people sealed first, then their facts; any step may be done again.

A row's commit has an id of its own (import and row), a voter's id comes from the file, and what is
known is compared by digest: so a step that was broken off repeats nothing.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Coroutine, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any

from libs.chassis.clock import Now
from libs.database import Document
from libs.eventstore.store import Handled, Log, Meta, Request, handle
from services.voters.domain.differences import changed_parts
from services.voters.domain.errors import PersonErased
from services.voters.domain.layout import Layout
from services.voters.domain.overlay import Told, laid_over, told_by
from services.voters.domain.profiles.profile import Kind, Profile
from services.voters.domain.voter import ParsedVoter, RejectedRow, is_other_person
from services.voters.domain.voter_registration import VOTER, VoterOnFile, stream_of
from services.voters.entries import Entries, Entry
from services.voters.file_rows import Batch
from services.voters.import_records import Rejected, Tally
from services.voters.people import People, Person, Stored
from services.voters.selectable import Selectable, Sighting, row_id, row_of

OTHER_PERSON = (
    "Another person stands on the campaign's file under this ID: the names or birth dates differ. "
    "Nothing was changed; ask the office which of the two is right."
)
REPEATED = "This ID stands in row {row} already with other values; that row was kept."
REPEATED_BY_OTHER = "This ID stands in row {row} already for another person; that row was kept."
ERASED = "This person was erased from the campaign's file for good and is not taken over again."


@dataclass(slots=True)
class _Plan:
    """What a pass will write; decided before anything is written."""

    registering: list[tuple[Entry, int, VoterOnFile]] = field(default_factory=list)
    added: list[Person] = field(default_factory=list)
    changed: list[tuple[Stored, Person]] = field(default_factory=list)
    rows_added: list[Document] = field(default_factory=list)
    rows_changed: list[Document] = field(default_factory=list)
    rows_seen: dict[str, Sighting] = field(default_factory=dict)
    erased: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    changes: Counter[str] = field(default_factory=Counter)
    kept: int = 0
    new: int = 0
    altered: int = 0
    repeated: int = 0

    @property
    def tally(self) -> Tally:
        """The pass in figures."""
        return Tally(
            rows_read=self.kept + len(self.rejected),
            rows_kept=self.kept,
            rows_new=self.new,
            rows_changed=self.altered,
            rows_repeated=self.repeated,
            rows_rejected=len(self.rejected),
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one voter before a pass; `stored` only where a file says something new.

    `before` is what the file before this import said, where this row says otherwise.
    """

    version: int
    voter: VoterOnFile
    sighting: Sighting | None
    stored: Stored | None
    before: ParsedVoter | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch made ready: its entries, and the rows that the parser refused."""

    batch: Batch
    layout: Layout
    told: Told
    entries: tuple[Entry, ...]
    rejected: tuple[Rejected, ...]

    @property
    def profile(self) -> Profile:
        """The profile of its file."""
        return self.layout.profile

    @property
    def counties(self) -> set[str]:
        """Where its voters live."""
        return {entry.voter.county.casefold() for entry in self.entries if entry.voter.county}

    @property
    def key_column(self) -> str:
        """What the file's owner calls the column by which voters are matched."""
        return self.profile.fields[self.profile.key][0]

    def sighting(self, import_id: str, entry: Entry) -> Sighting:
        """That a voter stands in a row of it."""
        if self.profile.kind is not Kind.STATE_FILE:
            return Sighting(import_id, entry.row)
        county = entry.voter.county.casefold()
        return Sighting(import_id, entry.row, self.profile.name, county)


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a batch of rows; `changes` counts the changed voters by part of their row."""

    tally: Tally
    rejected: tuple[Rejected, ...]
    changes: Mapping[str, int]
    counties: AbstractSet[str]


class Registration:
    """Registers the rows of one import."""

    def __init__(
        self,
        record: Document,
        entries: Entries,
        *,
        log: Log,
        people: People,
        selectable: Selectable,
        now: Now,
    ) -> None:
        self._campaign_id: str = record["campaign_id"]
        self._import_id: str = record["_id"]
        self._actor: str = record["actor"]
        self._entries = entries
        self._log = log
        self._people = people
        self._selectable = selectable
        self._now = now

    def prepare(self, batch: Batch, layout: Layout) -> Prepared:
        """What can be done with a batch before the one in front of it is registered."""
        entries, rejected = [], []
        for row in batch.rows:
            if isinstance(row, RejectedRow):
                rejected.append(Rejected(row.row, row.column, row.reason, row.raw))
            else:
                entries.append(self._entries.entry(row, layout.profile))
        return Prepared(batch, layout, told_by(layout), tuple(entries), tuple(rejected))

    async def register(self, prepared: Prepared) -> Step:
        """Register a batch in its order; an id that comes again in it is looked at afterwards."""
        rejected = list(prepared.rejected)
        changes: Counter[str] = Counter()
        tally = Tally(rows_read=len(rejected), rows_rejected=len(rejected))
        waiting = list(prepared.entries)
        while waiting:
            entries: dict[str, Entry] = {}
            again = [
                entry
                for entry in waiting
                if entries.setdefault(entry.command.voter_id, entry) is not entry
            ]
            plan = await self._pass(entries, prepared)
            rejected += plan.rejected
            changes += plan.changes
            tally = tally.plus(plan.tally)
            waiting = again
        rejected.sort(key=lambda each: each.row)
        return Step(tally, tuple(rejected), changes, prepared.counties)

    async def _pass(self, entries: dict[str, Entry], prepared: Prepared) -> _Plan:
        plan = _Plan()
        known = await self.known(entries)
        for voter_id, entry in entries.items():
            refusal = self._plan(plan, entry, known[voter_id], prepared)
            if refusal:
                raw = "" if refusal == ERASED else prepared.batch.text(entry.row)
                plan.rejected.append(Rejected(entry.row, prepared.key_column, refusal, raw))
        await self._write(plan)
        return plan

    async def known(self, entries: Mapping[str, Entry]) -> dict[str, Known]:
        """What is known of these voters, by their ids, before they are registered."""
        streams = {voter_id: stream_of(self._campaign_id, voter_id) for voter_id in entries}
        sightings, histories = await asyncio.gather(
            self._selectable.sightings(self._campaign_id, entries),
            self._log.read_many(streams.values()),
        )
        folded = {
            voter_id: (history.version, VOTER.fold(history.facts))
            for voter_id, stream in streams.items()
            if (history := histories.get(stream))
        }
        altered = [
            voter_id
            for voter_id, (_, voter) in folded.items()
            if not voter.says_nothing_new(entries[voter_id].command.digest)
        ]
        stored = await self._people.stored(self._campaign_id, altered)
        before = {voter_id: each.voter for voter_id, each in stored.items()}
        broken_off = self._broken_off(folded, stored)
        before |= await self._people.earlier(self._campaign_id, broken_off)
        stranger = (0, VoterOnFile())
        return {
            voter_id: Known(
                *folded.get(voter_id, stranger),
                sightings.get(voter_id),
                stored.get(voter_id),
                before.get(voter_id),
            )
            for voter_id in entries
        }

    def _broken_off(
        self, folded: Mapping[str, tuple[int, VoterOnFile]], stored: Mapping[str, Stored]
    ) -> dict[str, int]:
        """Whom a step that was broken off changed already; which version stood before it."""
        versions = {}
        for voter_id, (_, voter) in folded.items():
            known, latest = stored.get(voter_id), voter.latest
            if latest and latest.import_id == self._import_id:
                versions[voter_id] = latest.person_version - 1
            elif known and known.version > voter.person_version:
                versions[voter_id] = voter.person_version
        return {voter_id: version for voter_id, version in versions.items() if version}

    def _plan(self, plan: _Plan, entry: Entry, known: Known, prepared: Prepared) -> str | None:
        """Plan what the row leads to, or answer why it is rejected."""
        voter, stored, latest = known.voter, known.stored, known.voter.latest
        if voter.is_erased:
            plan.erased.append(entry.command.voter_id)
            return ERASED
        sighting = known.sighting
        earlier_row = None
        if sighting and sighting.import_id == self._import_id and sighting.row < entry.row:
            earlier_row = sighting.row
        if stored and not is_other_person(stored.voter, entry.voter):
            entry = self.laid_over(entry, stored.voter, prepared)
        if latest and voter.says_nothing_new(entry.command.digest):
            plan.kept += 1
            if earlier_row is None:
                self._plan_sighting(plan, entry, known, prepared)
            else:
                plan.repeated += 1
            return None
        if stored and is_other_person(stored.voter, entry.voter):
            return REPEATED_BY_OTHER.format(row=earlier_row) if earlier_row else OTHER_PERSON
        if earlier_row is not None:
            return REPEATED.format(row=earlier_row)
        self._plan_registering(plan, entry, known, prepared)
        return None

    def laid_over(self, entry: Entry, before: ParsedVoter, prepared: Prepared) -> Entry:
        """What is to be known of the voter: the row, and what its file does not tell."""
        voter = laid_over(before, entry.voter, prepared.told)
        if voter == entry.voter:
            return entry
        again = replace(voter, row=entry.row)
        return self._entries.entry(again, prepared.profile, entry.command.voter_id)

    def _plan_sighting(self, plan: _Plan, entry: Entry, known: Known, prepared: Prepared) -> None:
        command, latest = entry.command, known.voter.latest
        row = row_id(command.campaign_id, command.voter_id)
        plan.rows_seen[row] = prepared.sighting(self._import_id, entry)
        if latest and latest.import_id == self._import_id:
            # This step was broken off after this row's fact: it is counted as what it did then.
            plan.new += latest.person_version == 1
            plan.altered += latest.person_version > 1
            if latest.person_version > 1:
                plan.changes.update(_parts(known, entry))

    def _plan_registering(
        self, plan: _Plan, entry: Entry, known: Known, prepared: Prepared
    ) -> None:
        (fact,) = VOTER.decide(known.voter, entry.command)
        person = entry.person(known.voter.person_version + 1)
        if known.stored:
            plan.changed.append((known.stored, person))
        else:
            plan.added.append(person)
        row = row_of(
            entry.voter,
            campaign_id=self._campaign_id,
            voter_id=entry.command.voter_id,
            zones=entry.command.zones,
            fact=fact,
            sighting=prepared.sighting(self._import_id, entry),
            year=self._now().year,
        )
        (plan.rows_changed if known.sighting else plan.rows_added).append(row)
        plan.registering.append((entry, known.version, known.voter))
        plan.kept += 1
        plan.new += known.voter.latest is None
        if known.voter.latest is not None:
            plan.altered += 1
            plan.changes.update(_parts(known, entry))

    async def _write(self, plan: _Plan) -> None:
        """People and rows first, then the facts; the log gathers those into few inserts."""
        await _together(
            self._people.add(plan.added),
            self._people.change(plan.changed),
            self._selectable.add(plan.rows_added),
            self._selectable.change(plan.rows_changed, plan.rows_seen),
        )
        for voter_id in plan.erased:
            await self._selectable.erase(self._campaign_id, voter_id)
        meta = Meta(
            at=self._now(),
            actor=self._actor,
            campaign_id=self._campaign_id,
            correlation_id=self._import_id,
        )
        await _together(*(self._append(each, meta) for each in plan.registering))

    async def _append(self, registering: tuple[Entry, int, VoterOnFile], meta: Meta) -> Handled:
        entry, version, voter = registering
        stream = stream_of(self._campaign_id, entry.command.voter_id)
        request = Request(_commit_id(self._import_id, entry.row), meta)
        known = (version, voter)
        try:
            return await handle(self._log, VOTER, stream, entry.command, request, known=known)
        except PersonErased:
            # Erased while this step was on its way: the step is done again and rejects the row.
            await self._selectable.erase(self._campaign_id, entry.command.voter_id)
            raise


async def _together(*writes: Coroutine[Any, Any, Any]) -> None:
    """Write side by side. When one fails, raise what it did once the others have ended too.

    Or they would go on beside the step that is done again. They are waited for, not cancelled: what
    the log or the driver has taken in hand is written in any case.
    """
    ended = await asyncio.gather(*writes, return_exceptions=True)
    failed = next((each for each in ended if isinstance(each, BaseException)), None)
    if failed is not None:
        raise failed


def _parts(known: Known, entry: Entry) -> tuple[str, ...]:
    return changed_parts(known.before, entry.voter) if known.before else ()


def _commit_id(import_id: str, row: int) -> str:
    return hashlib.blake2b(f"import\0{import_id}\0{row}".encode(), digest_size=16).hexdigest()
