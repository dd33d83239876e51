"""The rows that voters are found by: the same whatever the order and however often facts come."""

import asyncio
import dataclasses
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.decider import Refusal
from libs.events.base import Event, Recorded
from libs.events.identity import OrganizationAdmitted
from libs.events.results import Disposition
from libs.events.voters import UniverseEntered, UniverseLeft, VoterChanged, VoterImported
from libs.eventstore.memory import MemoryLog
from libs.eventstore.store import Commit, Meta
from libs.views.fold import ENVELOPE, fold
from libs.views.parking import Parking
from libs.views.runner import ViewRunner
from libs.views.view import Row, View
from services.queue.domain.line import LINE
from services.queue.domain.line_commands import (
    Candidate,
    ExpireAssignment,
    ExtendAssignment,
    LineCommand,
    ReleaseAssignment,
    RestoreLine,
    RestoreVoter,
    SuppressLine,
    SuppressVoter,
)
from services.queue.domain.phone_bank import ClosePhoneBank
from services.queue.entries import candidate_of
from services.queue.views import banks, organizations, searches
from services.queue.views.caller_days import calls_on
from services.queue.views.standing import part_name
from services.queue.views.voters import Voters
from services.queue.worker import VIEWS
from tests.queue.house import CAMPAIGN, ORGANIZATION, UNIVERSE, House, caller
from tests.queue.lines import CENTRAL, EASTERN, HOUR, MINUTE, MORNING, assign, end

VOTERS = ("ann", "bob")
EVERYBODY = tuple(Candidate(voter, (EASTERN,), fictional=True) for voter in VOTERS)


def imported(voter: str, kind: type[VoterImported | VoterChanged], *lines: str) -> Event:
    return kind(
        campaign_id=CAMPAIGN,
        voter_id=voter,
        line_ids=lines,
        state="PA",
        zones=(EASTERN, CENTRAL) if kind is VoterChanged else (EASTERN,),
        fictional=True,
        person_version=1,
        digest="0",
        import_id="import",
    )


def command(dice: random.Random, line_id: str, at: Any, number: int) -> LineCommand:
    """Anything that may be asked of a line; mostly about one of the latest assignments."""
    held, voter = f"a{max(0, number - dice.randrange(5))}", dice.choice(VOTERS)
    practice = dice.random() < 0.3
    mine = {"line_id": line_id, "campaign_id": CAMPAIGN}
    reason: Any = dice.choice(["do_not_call", "deceased", "moved"])
    kinds: list[LineCommand] = [
        assign(f"a{number}", at, voters=EVERYBODY, hours=None, practice=practice, **mine),
        end(
            dice.choice(list(Disposition)),
            held,
            at,
            voter_id=voter,
            voter_ids=VOTERS,
            practice=practice,
            call_back_at=dice.choice([None, at + 30 * HOUR]),
            **mine,
        ),
        ExtendAssignment(held, "casper", at),
        ReleaseAssignment(held, "casper", "skipped", at),
        ExpireAssignment(held, at),
        SuppressLine(CAMPAIGN, line_id, VOTERS, reason, at),
        RestoreLine(CAMPAIGN, line_id, VOTERS, reason),
        SuppressVoter(CAMPAIGN, line_id, voter, reason, at),
        RestoreVoter(CAMPAIGN, line_id, voter, reason),
    ]
    return dice.choices(kinds, [8, 8, 2, 1, 2, 1, 1, 1, 1])[0]


async def a_history(dice: random.Random) -> list[Recorded]:
    """What may have happened to two voters on two lines, as the logs have it."""
    queue, voters = MemoryLog("queue.events"), MemoryLog("voters.events")

    async def put(log: MemoryLog, stream: str, *facts: Event) -> None:
        version = (await log.read(stream)).version + 1
        await log.append(Commit(f"{stream}/{version}", stream, version, facts, Meta(MORNING, "")))

    ids: dict[str, Any] = {"campaign_id": CAMPAIGN, "universe_id": UNIVERSE, "voter_ids": VOTERS}
    for voter in VOTERS:
        await put(voters, f"voter-{voter}", imported(voter, VoterImported, "one", "two"))
    for kind in dice.choices([UniverseEntered, UniverseLeft], k=3):
        await put(voters, "universe", kind(**ids))
    await put(voters, "voter-ann", imported("ann", VoterChanged, "two", "three"))
    at = MORNING
    for number in range(dice.randrange(5, 60)):
        at += timedelta(minutes=dice.choice([1, 7, 11, 300, 2_000]))
        line_id = dice.choice(["one", "two"])
        history = await queue.read(f"line-{line_id}")
        try:
            state = LINE.fold(history.facts)  # type: ignore[arg-type]  # its own stream.
            facts = LINE.decide(state, command(dice, line_id, at, number))
        except Refusal:
            continue
        if facts:
            await put(queue, f"line-{line_id}", *facts)
    return [fact for log in (voters, queue) for fact in [each async for each in log.in_order()]]


def interleaved(facts: Iterable[Recorded], dice: random.Random) -> list[Recorded]:
    """Any order that keeps the order of each partition, some suffixes repeated."""
    waiting: dict[tuple[str, int], list[Recorded]] = defaultdict(list)
    for fact in facts:
        waiting[fact.topic, fact.partition].append(fact)
    order: list[Recorded] = []
    left = dict.fromkeys(waiting, 0)
    while left:
        place = dice.choice(sorted(left))
        order.append(waiting[place][left[place]])
        left[place] += 1
        if dice.random() < 0.1:
            left[place] = max(0, left[place] - 3)  # A worker died before it committed.
            if dice.random() < 0.5:
                continue
        if left[place] == len(waiting[place]):
            del left[place]
    return order


def rows_of(view: View, facts: Sequence[Recorded]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for fact in facts:
        if isinstance(fact.event, view.listens):
            for row_id in view.keys(fact):
                folded = fold(view, row_id, rows.get(row_id), [fact])
                assert folded.failure is None, folded.failure
                if folded.row is not None:
                    rows[row_id] = folded.row
    return {
        row_id: {name: value for name, value in row.items() if name not in ENVELOPE}
        for row_id, row in rows.items()
    }


@given(seed=st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_a_voters_row_is_the_same_in_every_legal_order(seed: int) -> None:
    dice = random.Random(seed)
    facts = asyncio.run(a_history(dice))
    assert rows_of(Voters(), facts) == rows_of(Voters(), interleaved(facts, dice))


@given(seed=st.integers(0, 2**32))
@settings(max_examples=100, deadline=None)
def test_a_row_knows_the_open_lease_as_the_line_does(seed: int) -> None:
    dice = random.Random(seed)
    facts = asyncio.run(a_history(dice))
    rows = rows_of(Voters(), facts)
    for line_id in ("one", "two"):
        events: Any = [f.event for f in facts if f.stream == f"line-{line_id}"]
        held = LINE.fold(events).assignment
        for voter in VOTERS:
            leases = {
                lease["assignment_id"]: lease["until"]
                for lease in rows[f"{CAMPAIGN}/{voter}"]["leases"]
                if lease["line_id"] == line_id
            }
            if held is not None and voter in held.voter_ids:
                assert leases == {held.id: held.lease_expires_at}
            else:
                assert not leases


@given(seed=st.integers(0, 2**32), later_hours=st.integers(0, 300))
@settings(max_examples=150, deadline=None)
def test_no_voter_who_may_be_called_is_hidden_by_the_row(seed: int, later_hours: int) -> None:
    """A row that promises too much costs a try; one that says too little would lose a voter."""
    facts = asyncio.run(a_history(random.Random(seed)))
    rows = rows_of(Voters(), facts)
    at = MORNING + timedelta(days=30, hours=later_hours)
    for voter in VOTERS:
        row = rows[f"{CAMPAIGN}/{voter}"]
        for line_id in row["line_ids"]:
            events: Any = [f.event for f in facts if f.stream == f"line-{line_id}"]
            asked = candidate_of(row, line_id, "bank")
            ask = assign("next", at, voters=(asked,), hours=None, line_id=line_id)
            try:
                LINE.decide(LINE.fold(events), ask)
            except Refusal:
                continue
            parts_now = {part_name(at, zone) for zone in row["file"]["zones"]}
            promised = row["promise_at"] is not None and row["promise_at"] <= at
            findable = (
                row["free_at"] <= at
                and "bank" not in row["done_banks"]
                and not parts_now & set(row["parts"])
            )
            assert not row["blocked"]
            assert promised or findable, (voter, line_id)


def a_search(house: House, *zone_keys: str) -> searches.Search:
    return searches.Search(
        campaign_id=CAMPAIGN,
        bank_id="bank",
        universe_id=UNIVERSE,
        practice=False,
        zone_keys=zone_keys or (EASTERN,),
        at=house.clock(),
    )


@pytest.mark.real
async def test_a_rebuilt_view_is_the_same_field_by_field(house: House) -> None:
    await house.found_organization()
    await house.import_voters({"one": ["ann", "bob"], "two": ["carl"], "three": ["ann"]})
    await house.open_bank()
    handout = house.handout()
    for name in ("casper", "dora"):
        shown = await handout.next("bank", caller(name), house.request(), None)
        await house.call_ended(shown.assigned, Disposition.REFUSED)
    for view in VIEWS:
        name = f"{view.name}_v{view.version}"
        before = {row["_id"]: row for row in await house.database[name].find().to_list()}
        await house.database[name].drop()
        parking = Parking(house.database, house.clock)
        runner = ViewRunner(view, house.database, parking, house.clock)
        for log in (house.log, *house.others.values()):
            facts = [fact async for fact in log.in_order()]
            await runner.apply(facts)
            await runner.apply(facts)
        after = {row["_id"]: row for row in await house.database[name].find().to_list()}
        strip = {"rev"}
        assert {
            row_id: {k: v for k, v in row.items() if k not in strip}
            for row_id, row in after.items()
        } == {
            row_id: {k: v for k, v in row.items() if k not in strip}
            for row_id, row in before.items()
        }


@pytest.mark.real
async def test_who_is_called_next(house: House) -> None:
    await house.import_voters({"one": ["ann"], "two": ["bob"], "three": ["carl"]})
    await house.open_bank()

    async def found(*, fresh: bool, **changes: Any) -> list[str]:
        search = dataclasses.replace(a_search(house), **changes)
        rows = searches.candidates(house.database, search, fresh=fresh, batch=10)
        return [row["voter_id"] async for row in rows]

    assert await found(fresh=True) == ["ann", "bob", "carl"]
    assert await found(fresh=True, zone_keys=(CENTRAL,)) == []
    assert await found(fresh=True, campaign_id="another") == []
    handout = house.handout()
    shown = await handout.next("bank", caller(), house.request(), None)
    await house.catch_up()
    assert await found(fresh=True) == ["bob", "carl"]
    await house.call_ended(shown.assigned)
    assert await found(fresh=False) == []
    house.clock.forward(days=1)  # The same part of the day.
    assert await found(fresh=False) == []
    house.clock.forward(hours=2)
    assert await found(fresh=False) == ["ann"]
    assert await found(fresh=True) == ["bob", "carl"]


@pytest.mark.real
async def test_figures_say_how_many_are_left_and_why_not_now(house: House) -> None:
    await house.import_voters({f"e{n}": [f"east{n}"] for n in range(5)})
    await house.import_voters({"w": ["west"]}, zones=("America/Los_Angeles",))
    await house.open_bank()
    handout = house.handout()
    first = await handout.next("bank", caller(), house.request(), None)
    await handout.next("bank", caller("dora"), house.request(), None)
    await house.call_ended(first.assigned)
    search = a_search(house, EASTERN, "America/Los_Angeles")
    east, west = sorted(
        await searches.figures(house.database, search), key=lambda each: each.now, reverse=True
    )
    assert (east.zones, east.now, east.in_progress, east.later) == ((EASTERN,), 3, 1, 1)
    assert west.now == 1
    assert east.next_at is not None


@pytest.mark.real
async def test_an_organization_is_known_by_its_short_name_in_any_order(house: House) -> None:
    admitted = OrganizationAdmitted(campaign_id=CAMPAIGN, organization_id=ORGANIZATION)
    await house.tell(f"campaign-{CAMPAIGN}", admitted)
    await house.catch_up()
    assert await organizations.by_id(house.database, ORGANIZATION) is None
    await house.found_organization()
    await house.catch_up()
    found = await organizations.by_slug(house.database, "dvc-palo-alto")
    assert found is not None
    assert found["campaign_ids"] == [CAMPAIGN]


@pytest.mark.real
async def test_a_bank_is_listed_while_it_is_open(house: House) -> None:
    await house.open_bank()
    await house.open_bank("everybodys", organization_ids=())

    async def listed(organization_id: str = ORGANIZATION, *campaigns: str) -> list[str]:
        rows = await banks.on_calls_page(house.database, organization_id, campaigns, None)
        return [row["_id"] for row in rows]

    assert await listed() == ["bank"]
    assert await listed("other") == []
    assert await listed("other", CAMPAIGN) == ["everybodys"]
    await house.run("bank", ClosePhoneBank())
    assert await listed() == []


@pytest.mark.real
async def test_a_callers_day_counts_calls_and_not_corrections(house: House) -> None:
    await house.import_voters({"one": ["ann", "bob"], "two": ["carl"]})
    await house.open_bank()
    handout = house.handout()
    for _ in range(2):
        shown = await handout.next("bank", caller(), house.request(), None)
        await house.call_ended(shown.assigned)
        house.clock.forward(minutes=1)
    await house.call_ended(shown.assigned, Disposition.BUSY)
    assert await calls_on(house.database, "casper", house.clock()) == 2
    assert await calls_on(house.database, "casper", house.clock() + 24 * HOUR + MINUTE) == 0
