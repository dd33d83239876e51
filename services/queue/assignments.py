"""One assignment, found by its id: kept, given back, watched."""

from dataclasses import dataclass

from libs.events.queue import VoterAssigned
from libs.eventstore.store import Log
from services.queue.domain.errors import NoSuchAssignment, NotYourAssignment


@dataclass(frozen=True, slots=True)
class Held:
    """An assignment as it was made, and the stream of its line."""

    stream: str
    assigned: VoterAssigned


async def assignment_of(log: Log, assignment_id: str, caller_id: str) -> Held:
    """The caller's own assignment. Raises NoSuchAssignment and NotYourAssignment."""
    commit = await log.find(assignment_id)
    facts = commit.facts if commit is not None else ()
    assigned = next((fact for fact in facts if isinstance(fact, VoterAssigned)), None)
    if commit is None or assigned is None:
        raise NoSuchAssignment
    if assigned.caller_id != caller_id:
        raise NotYourAssignment
    return Held(commit.stream, assigned)
