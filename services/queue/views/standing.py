"""Where a voter stands: what follows from everything a row has been told. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from libs.views.view import Row
from services.queue.day import day_after, next_after, part_of_day
from services.queue.dispositions import (
    ABOUT_THE_LINE,
    FOR_GOOD,
    SUSPECT_RESTS,
    UNTIL_A_NEW_NUMBER,
)

LEASE_GRACE = timedelta(seconds=30)
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
DONE_RANK = 1_000

Attempt = dict[str, Any]


def derive(row: Row) -> None:
    """Set the fields that questions are asked of.

    `line_ids`, `zone_key` (the zones, sorted and joined), `fictional`, `universes`, `blocked`
    (nobody may call, ever), `rank` (how often called, then where done), `free_at` (not before),
    `next_line`, `parts` (the zones and part of the day of the last attempt), `tries` a bank,
    `tried_banks`, `done_banks`, `let_go`, `language`, `promise_at`, `promise_bank`,
    `promise_caller`, `promise_line`, `promise_number` and
    `promise_question` (deposits), `leases` and `lease_until` (the first to run out).
    """
    voter_id = row.get("voter_id", "")
    file = row.get("file", {})
    zones = tuple(sorted(file.get("zones", ())))
    mine = own_attempts(row, voter_id)
    lines = sorted(row["lines"].items())
    leases = [lease for line_id, line in lines if (lease := _lease(line_id, line))]
    usable = [line_id for line_id in file.get("line_ids", ()) if _usable(row, line_id)]
    let_go = sorted(
        {
            reason
            for line in row["lines"].values()
            for reason, said in line["voter_let_go"].items()
            if said["holds"] and reason in FOR_GOOD
        }
    )
    free = {line_id: _free_at(row, line_id, zones, mine, leases) for line_id in usable}
    next_line = min(usable, key=lambda line_id: free[line_id], default=None)
    blocked = bool(let_go) or next_line is None
    promise = _promise(mine) if not blocked else None
    tries = _tries(attempt for _, attempt in mine)
    done = sorted(_done_banks(attempt for _, attempt in mine))
    disturbed_at = _disturbed_at(mine)
    row |= {
        "line_ids": file.get("line_ids", []),
        "zone_key": "|".join(zones),
        "fictional": file.get("fictional", False),
        "universes": sorted(
            universe for universe, said in row["memberships"].items() if said["member"]
        ),
        "blocked": blocked,
        "rank": sum(tries.values()) + DONE_RANK * len(done),
        "free_at": free[next_line] if next_line is not None else None,
        "next_line": next_line,
        "parts": sorted(part_name(disturbed_at, zone) for zone in zones) if disturbed_at else [],
        "tries": tries,
        "tried_banks": sorted(tries),
        "done_banks": done,
        "let_go": let_go,
        "language": next((a["language"] for _, a in reversed(mine) if a["language"]), None),
        "promise_at": promise[1]["due_at"] if promise else None,
        "promise_bank": promise[1]["bank_id"] if promise else None,
        "promise_caller": promise[1]["preferred"] if promise else None,
        "promise_line": promise[0] if promise else None,
        **_deposits(row, promise),
        "leases": leases,
        "lease_until": min((lease["until"] for lease in leases), default=None),
    }


def part_name(at: datetime, zone: str) -> str:
    """A part of the day in a zone, as rows name it."""
    return f"{zone}={part_of_day(at, zone)}"


def own_attempts(row: Row, voter_id: str) -> list[tuple[str, Attempt]]:
    """The voter's own attempts, each with its line, by the time of the call."""
    mine = [
        (line_id, by_voter[voter_id])
        for line_id, line in row["lines"].items()
        for by_voter in line["attempts"].values()
        if voter_id in by_voter
    ]
    return sorted(mine, key=lambda each: (each[1]["ended_at"], each[1]["stamp"], each[0]))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What happened on the voter's other lines, as far as it matters on this one.

    `tries` and `done` are about one phone bank; `promised_at` is a promise not kept yet.
    """

    tries: int
    done: bool
    disturbed_at: datetime | None
    promised_at: datetime | None
    language: str | None


def elsewhere(row: Row, line_id: str, bank_id: str) -> Elsewhere:
    """The voter's other lines."""
    mine = own_attempts(row, row.get("voter_id", ""))
    there = [each for each in mine if each[0] != line_id]
    others = [attempt for _, attempt in there]
    promise = _promise(mine)
    return Elsewhere(
        tries=sum(attempt["bank_id"] == bank_id for attempt in others),
        done=bank_id in _done_banks(others),
        disturbed_at=_disturbed_at(there),
        promised_at=promise[1]["due_at"] if promise and promise[0] != line_id else None,
        language=next((a["language"] for a in reversed(others) if a["language"]), None),
    )


def _disturbed_at(mine: Iterable[tuple[str, Attempt]]) -> datetime | None:
    """When the voter was last disturbed; what was found out about a line disturbed nobody."""
    return max(
        (a["ended_at"] for _, a in mine if a["disposition"] not in ABOUT_THE_LINE), default=None
    )


def _usable(row: Row, line_id: str) -> bool:
    line = row["lines"].get(line_id)
    if line is None:
        return True
    reasons = (*line["let_go"].values(), *line["voter_let_go"].values())
    return not any(said["holds"] for said in reasons)


def _lease(line_id: str, line: Row) -> Row | None:
    """The line's open lease, as far as this voter's row is part of it."""
    assigned = line.get("assigned")
    if assigned is None or line.get("closed", {}).get("stamp", 0) > assigned["stamp"]:
        return None
    ended = line["attempts"].get(assigned["assignment_id"], {})
    if all(voter_id in ended for voter_id in assigned["voter_ids"]):
        return None
    extended = line.get("extended", {"stamp": 0})
    newer = extended if extended["stamp"] > assigned["stamp"] else assigned
    return {
        "line_id": line_id,
        "assignment_id": assigned["assignment_id"],
        "bank_id": assigned["bank_id"],
        "until": newer["until"],
    }


def _free_at(
    row: Row,
    line_id: str,
    zones: Sequence[str],
    mine: Sequence[tuple[str, Attempt]],
    leases: Sequence[Row],
) -> datetime:
    """From when on this line may be tried for this voter; an idea, the line's own rules decide."""
    line = row["lines"].get(line_id, {"attempts": {}})
    moments = [ALWAYS, *(lease["until"] + LEASE_GRACE for lease in leases)]
    if "released" in line:
        moments.append(line["released"]["rests_until"])
    here = [attempt for each, attempt in mine if each == line_id]
    if here and here[-1]["due_at"] is not None:
        moments.append(here[-1]["due_at"])
    promise = _promise(mine)
    if promise is not None:
        moments.append(promise[1]["due_at"])
    everybodys = [a for by_voter in line["attempts"].values() for a in by_voter.values()]
    if everybodys:
        last = max(everybodys, key=lambda attempt: (attempt["ended_at"], attempt["stamp"]))
        moments.extend(day_after(last["ended_at"], zone) for zone in zones)
        if last["disposition"] == "disconnected":
            moments.append(last["ended_at"] + SUSPECT_RESTS)
    earliest = max(moments)
    disturbed_at = _disturbed_at(mine)
    return next_after(disturbed_at, zones, earliest) if disturbed_at else earliest


def _promise(mine: Sequence[tuple[str, Attempt]]) -> tuple[str, Attempt] | None:
    """The promise that the last conversation ended with, unless its line was found dead since."""
    heard = [each for each in mine if each[1]["disposition"] not in ABOUT_THE_LINE]
    if not heard or heard[-1][1]["preferred"] is None or heard[-1][1]["due_at"] is None:
        return None
    line_id = heard[-1][0]
    latest_here = [each for each in mine if each[0] == line_id][-1]
    return heard[-1] if latest_here is heard[-1] else None


def _deposits(row: Row, promise: tuple[str, Attempt] | None) -> Row:
    """Where the number and the question of the promise lie, as far as this is known by now."""
    given = row.get("promises", {}).get(promise[1]["call_id"], {}) if promise else {}
    return {"promise_number": given.get("number"), "promise_question": given.get("question")}


def _tries(mine: Iterable[Attempt]) -> dict[str, int]:
    tries: dict[str, int] = {}
    for attempt in mine:
        tries[attempt["bank_id"]] = tries.get(attempt["bank_id"], 0) + 1
    return dict(sorted(tries.items()))


def _done_banks(mine: Iterable[Attempt]) -> set[str]:
    """Banks that do not call the voter again, whatever number turns up."""
    last = {a["bank_id"]: a for a in mine if a["disposition"] not in UNTIL_A_NEW_NUMBER}
    return {bank_id for bank_id, attempt in last.items() if attempt["due_at"] is None}
