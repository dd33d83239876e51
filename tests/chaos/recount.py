"""An independent look at the logs: plain documents, none of the project's own folds."""

from collections import defaultdict
from typing import Any

from libs.database import Database

_ENDS = {
    "queue.assignment-released",
    "queue.assignment-expired",
    "queue.assignment-withdrawn",
}


async def read_facts(database: Database) -> list[dict[str, Any]]:
    """Every stored fact with its stream and version, streams in version order."""
    found = []
    cursor = database["commits"].find().sort([("stream", 1), ("version", 1)])
    for commit in await cursor.to_list():
        found += [
            {"stream": commit["stream"], "version": commit["version"], "commit": commit["_id"]}
            | fact
            for fact in commit["facts"]
        ]
    return found


async def overlapping_leases(queue: Database) -> list[str]:
    """Lines that were leased while a lease was open; must be empty."""
    open_on: dict[str, tuple[str, set[str]]] = {}
    wrong = []
    for fact in await read_facts(queue):
        stream, payload = fact["stream"], fact["payload"]
        assignment = payload.get("assignment_id")
        if fact["type"] == "queue.voter-assigned":
            held = open_on.get(stream)
            if held is not None and held[0] != assignment:
                wrong.append(f"{stream}: {assignment} while {held[0]} was open")
            waiting = held[1] if held and held[0] == assignment else set()
            open_on[stream] = (assignment, waiting | {payload["voter_id"]})
        elif fact["type"] in _ENDS and stream in open_on and open_on[stream][0] == assignment:
            del open_on[stream]
        elif fact["type"] == "queue.attempt-ended" and stream in open_on:
            held_by, waiting = open_on[stream]
            if held_by == assignment:
                waiting.discard(payload["voter_id"])
                if not waiting:
                    del open_on[stream]
    return wrong


async def version_holes(database: Database) -> list[str]:
    """Streams whose versions are not 1, 2, 3 …; must be empty."""
    versions: dict[str, list[int]] = defaultdict(list)
    async for commit in database["commits"].find({}, {"stream": 1, "version": 1}):
        versions[commit["stream"]].append(commit["version"])
    return [
        stream
        for stream, found in versions.items()
        if sorted(found) != list(range(1, len(found) + 1))
    ]


async def dispositioned(results: Database) -> dict[str, list[dict[str, Any]]]:
    """Every recorded disposition, by call id."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for fact in await read_facts(results):
        if fact["type"] == "results.call-dispositioned":
            found[fact["payload"]["call_id"]].append(fact["payload"])
    return found
