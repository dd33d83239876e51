"""A universe: a named set of voters, frozen when it is defined; stream `universe-<id>`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from libs.decider import Decider
from libs.events.base import Event
from libs.events.voters import VOTERS_PER_FACT_MAX, UniverseDefined, UniverseEntered, UniverseLeft
from services.voters.domain.errors import NoSuchUniverse, UniverseTaken


@dataclass(frozen=True, slots=True, kw_only=True)
class DefineUniverse:
    """Give a selection of so many voters a name; `voter_ids` are the first of them."""

    campaign_id: str
    universe_id: str
    name: str
    selection: dict[str, Any]
    funnel: tuple[dict[str, Any], ...]
    voters: int
    voter_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnterVoters:
    """Further voters of the selection."""

    voter_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Universe:
    """What its facts made of it."""

    defined: UniverseDefined | None = None
    members: frozenset[str] = frozenset()


def evolve(universe: Universe, fact: object) -> Universe:
    """The universe after `fact`."""
    match fact:
        case UniverseDefined():
            return replace(universe, defined=fact)
        case UniverseEntered(voter_ids=voter_ids):
            return replace(universe, members=universe.members.union(voter_ids))
        case UniverseLeft(voter_ids=voter_ids):
            return replace(universe, members=universe.members.difference(voter_ids))
    return universe


def decide(universe: Universe, command: DefineUniverse | EnterVoters) -> Sequence[Event]:
    """Define it once; a voter who is a member does not enter again."""
    match command:
        case DefineUniverse():
            if universe.defined is not None:
                raise UniverseTaken
            defined = UniverseDefined(
                campaign_id=command.campaign_id,
                universe_id=command.universe_id,
                name=command.name,
                selection=command.selection,
                funnel=command.funnel,
                voters=command.voters,
            )
            return [defined, *_entered(defined, command.voter_ids)]
        case EnterVoters(voter_ids=voter_ids):
            if universe.defined is None:
                raise NoSuchUniverse
            new = tuple(voter for voter in voter_ids if voter not in universe.members)
            return list(_entered(universe.defined, new))


def _entered(defined: UniverseDefined, voter_ids: tuple[str, ...]) -> Iterator[UniverseEntered]:
    for start in range(0, len(voter_ids), VOTERS_PER_FACT_MAX):
        yield UniverseEntered(
            campaign_id=defined.campaign_id,
            universe_id=defined.universe_id,
            voter_ids=voter_ids[start : start + VOTERS_PER_FACT_MAX],
        )


UNIVERSE: Decider[Universe, DefineUniverse | EnterVoters, object] = Decider(
    Universe, evolve, decide
)


def stream_of(universe_id: str) -> str:
    """The stream of a universe."""
    return f"universe-{universe_id}"
