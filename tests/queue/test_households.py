"""The results of a household are one commit on its line, and the same however they come again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from libs.events.queue import AssignmentWithdrawn, AttemptEnded, LineSuppressed
from libs.events.results import CallDispositioned, Disposition
from libs.eventstore.memory import MemoryLog
from libs.eventstore.store import Commit, Log
from libs.views.parking import Parking
from libs.views.policy import policy_id
from libs.views.reactions import PolicyRunner
from services.queue.domain.errors import EachByItself
from services.queue.domain.line import LEASE, lapses_at
from services.queue.domain.line_commands import EndAttempt, EndAttempts
from services.queue.entries import line_stream
from services.queue.policies import END_ATTEMPT, policies
from tests.queue.house import CAMPAIGN, House, caller
from tests.queue.lines import ANN, BOB, MINUTE, MORNING, assign, end, line

LAPSED = lapses_at(MORNING + LEASE)
BOTH = ("ann", "bob")
STREAM = line_stream(CAMPAIGN, "one")
Told = dict[str, Any]  # By voter: a fact with its envelope.
LINE_FACTS = ["VoterAssigned"] * 2 + ["AttemptEnded"] * 2
# All ways in which two facts come: in groups, in either order, and once more in other groups.
ONCE: list[list[tuple[str, ...]]] = [
    [BOTH],
    [BOTH[::-1]],
    [("ann",), ("bob",)],
    [("bob",), ("ann",)],
]
IN_PART: list[list[tuple[str, ...]]] = [[("ann",)], [("bob",)]]
TWICE = [[*first, *again] for first in [*ONCE, *IN_PART] for again in ONCE]


def both(*ends: EndAttempt) -> EndAttempts:
    """A call of Ann and Bob ended."""
    return EndAttempts(tuple(replace(each, voter_ids=BOTH) for each in ends))


# The decision


AT_HOME = line.done(assign(voters=(ANN, BOB)))


@pytest.mark.parametrize(
    ("of_ann", "of_bob"),
    [
        (end(), end(voter_id="bob")),
        (end(Disposition.CANVASSED), end(Disposition.CALL_BACK, voter_id="bob")),
        (end(Disposition.DISCONNECTED), end(Disposition.DISCONNECTED, voter_id="bob")),
        (
            end(Disposition.DISCONNECTED, definite=True),
            end(Disposition.DISCONNECTED, voter_id="bob", definite=True),
        ),
        (end(Disposition.WRONG_NUMBER), end(Disposition.WRONG_NUMBER, voter_id="bob")),
    ],
)
def test_results_that_come_together_lead_to_what_they_lead_to_one_by_one(of_ann, of_bob) -> None:
    together = both(of_ann, of_bob)
    AT_HOME.when(together).then(*AT_HOME.done(*together.ends).facts[len(AT_HOME.facts) :])


def test_a_line_is_retired_and_a_newer_assignment_withdrawn_once() -> None:
    again = AT_HOME.done(assign("second", LAPSED, caller_id="dora", voters=(ANN, BOB)))
    dead: dict[str, Any] = {"definite": True, "when": LAPSED + MINUTE}
    facts = again.when(
        both(
            end(Disposition.DISCONNECTED, **dead),
            end(Disposition.DISCONNECTED, voter_id="bob", **dead),
        )
    ).facts()
    kinds = [AttemptEnded, LineSuppressed, AssignmentWithdrawn, AttemptEnded]
    assert [type(fact) for fact in facts] == kinds


def test_what_is_done_in_part_is_not_done_together() -> None:
    together = both(end(), end(voter_id="bob"))
    for known in together.ends:
        AT_HOME.done(known).when(together).then_refused(EachByItself)


def test_a_wish_that_holds_on_every_line_goes_by_itself() -> None:
    refused = end(Disposition.REFUSED, voter_id="bob")
    AT_HOME.when(both(end(), refused)).then_refused(EachByItself)
    # And so does a slip that is taken back.
    wishes = AT_HOME.done(*both(end(), refused).ends)
    slips = both(end(Disposition.BUSY), end(voter_id="bob"))
    wishes.when(slips).then_refused(EachByItself)


# The policy


class Died(BaseException):
    """The process is gone."""


class Dying(MemoryLog):
    """A log whose process dies at the next append to a stream that is named here."""

    dies_at = ""

    async def append(self, commit: Commit) -> Commit:
        if commit.stream == self.dies_at:
            self.dies_at = ""
            raise Died
        return await super().append(commit)


async def called(house: House, disposition: Disposition, **changes: Any) -> Told:
    """A call of Ann and Bob ended so; what results says of each, which has reached nobody yet."""
    handed_out = await house.handout().next("bank", caller(), house.request(), None)
    await house.catch_up()
    await house.tell_of_call(handed_out.assigned, disposition, **changes)
    return await told(house)


async def told(house: House) -> Told:
    """How the call ended for each voter, as results said it last."""
    facts = house.others["results"].in_order()
    return {
        fact.event.key: fact async for fact in facts if isinstance(fact.event, CallDispositioned)
    }


async def deliver(house: House, facts: Told, *groups: Sequence[str]) -> None:
    """Batches reach the policies as they do in a worker."""
    parking = Parking(house.database, house.clock)
    await parking.prepare()
    for group in groups:
        for policy in policies(house.log, house.database, house.clock):
            runner = PolicyRunner(policy, parking, house.clock)
            await runner.apply([facts[voter_id] for voter_id in group])
    assert await parking.listing() == []


async def kinds_on(log: Log, line_id: str) -> list[str]:
    history = await log.read(line_stream(CAMPAIGN, line_id))
    return [type(fact).__name__ for fact in history.facts]


@pytest.fixture
def log() -> Dying:
    return Dying("queue.events")


@pytest.fixture
async def at_home(house: House, log: Dying) -> House:
    """Ann and Bob, on one line."""
    house.log = log
    await house.import_voters({"one": BOTH})
    await house.open_bank()
    return house


@pytest.mark.real
async def test_a_household_is_one_commit_that_says_where_it_came_from(
    at_home: House, log: Dying
) -> None:
    facts = await called(at_home, Disposition.NOT_HOME)
    before = (await log.read(STREAM)).version
    await deliver(at_home, facts, BOTH)
    assert (await log.read(STREAM)).version == before + 1
    commit = await log.find(policy_id(END_ATTEMPT, facts["bob"].id, STREAM))
    assert commit is not None
    assert [fact.key for fact in commit.facts] == ["ann", "bob"]
    assert commit.meta.causation_id == facts["bob"].id
    assert commit.meta.actor == f"policy/{END_ATTEMPT}"


@pytest.mark.real
async def test_results_of_two_commits_are_never_put_together(at_home: House, log: Dying) -> None:
    facts = await called(at_home, Disposition.NOT_HOME, voters=("ann",))
    await at_home.tell_of_call((await log.read(STREAM)).facts[0], voters=("bob",))
    before = (await log.read(STREAM)).version
    await deliver(at_home, facts | await told(at_home), BOTH)
    assert (await log.read(STREAM)).version == before + 2


@pytest.mark.real
@pytest.mark.parametrize("groups", TWICE, ids=str)
async def test_results_that_come_again_grouped_otherwise_are_recorded_once(
    at_home: House, log: Dying, groups: Sequence[Sequence[str]]
) -> None:
    facts = await called(at_home, Disposition.NOT_HOME)
    await deliver(at_home, facts, *groups)
    assert await kinds_on(log, "one") == LINE_FACTS


@pytest.mark.real
@pytest.mark.parametrize("groups", TWICE, ids=str)
async def test_a_death_before_a_wish_reached_the_other_line_loses_nothing_of_it(
    house: House, log: Dying, groups: Sequence[Sequence[str]]
) -> None:
    house.log = log
    await house.import_voters({"one": BOTH, "two": BOTH})
    await house.open_bank()
    facts = await called(house, Disposition.REFUSED)
    other = "two" if facts["ann"].event.line_id == "one" else "one"
    log.dies_at = line_stream(CAMPAIGN, other)
    with pytest.raises(BaseExceptionGroup) as caught:
        await deliver(house, facts, BOTH)
    assert caught.group_contains(Died)
    await deliver(house, facts, *groups)
    followed: Sequence[Any] = (await log.read(line_stream(CAMPAIGN, other))).facts
    assert sorted(fact.voter_id for fact in followed) == ["ann", "bob"]
    # It was a slip, and what was said first comes once more.
    assigned = facts["ann"].event
    house.clock.forward(minutes=1)
    await house.tell_of_call(assigned, called_at=assigned.called_at)
    await deliver(house, await told(house), BOTH)
    await deliver(house, facts, *groups)
    assert await kinds_on(log, other) == ["LineSuppressed"] * 2 + ["LineRestored"] * 2
