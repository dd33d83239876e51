"""How a made-up call goes: what the voter does, what the caller records, how long it takes.

The mix follows published figures for dialing by hand: 45 to 50 numbers an hour and caller, 15 to
20 of a hundred a conversation, 10 to 30 a bad number, the others nobody home.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

Drawn = TypeVar("Drawn")

NOBODY = "nobody"
OTHER = "other"

_ENDS = {
    "not_home": 57,
    "busy": 5,
    "left_message": 3,
    "disconnected": 10,
    "wrong_number": 5,
    "conversation": 17,
    "housemate": 3,
}
_CONVERSATIONS = {
    "canvassed": 80,
    "refused": 7,
    "hung_up": 5,
    "call_back": 3,
    "language_barrier": 2,
    "do_not_call": 2,
    "moved": 1,
}
# What somebody else in the household says; the first is kept as hearsay about the voter.
_HOUSEMATES = {"not_home": 88, "deceased": 4, "moved": 5, "wrong_number": 3}
_HEARSAY = (
    "Works nights; try in the afternoon.",
    "Says the whole family has decided already.",
    "Back at the weekend.",
    "Will not vote for anybody this year, they say.",
)
_QUESTIONS = (
    "What is the plan for the county's schools?",
    "Does the candidate support the new rail line?",
    "How can somebody who works nights vote?",
)
_LANGUAGES = ("Spanish", "Portuguese", "Vietnamese")
_SUPPORT_BY_PARTY = {
    "D": {1: 46, 2: 24, 3: 14, 4: 4, 5: 4, 0: 8},
    "R": {1: 4, 2: 6, 3: 15, 4: 21, 5: 46, 0: 8},
}
_SUPPORT = {1: 16, 2: 18, 3: 34, 4: 11, 5: 11, 0: 10}
_SUPPORTER_MAX = 2
_VOLUNTEERS_SHARE = 0.12
_ANSWERED_SHARE = 0.9
# Seconds at the phone: the middle, and how far they spread (of the logarithm).
_SECONDS = {
    "not_home": (27.0, 0.2),
    "busy": (7.0, 0.3),
    "left_message": (45.0, 0.2),
    "disconnected": (11.0, 0.3),
    "wrong_number": (24.0, 0.3),
    "canvassed": (135.0, 0.5),
    "refused": (20.0, 0.4),
    "hung_up": (10.0, 0.4),
    "housemate": (32.0, 0.4),
}
_SECONDS_OTHERWISE = (60.0, 0.4)
# A lease is ten minutes; nobody of ours talks for longer than this.
SECONDS_MAX = 290.0


@dataclass(frozen=True, slots=True)
class Ended:
    """A call as `POST /results/calls` takes it, and the seconds between dialing and hanging up."""

    spoke_with: str
    results: tuple[dict[str, Any], ...]
    seconds: float


def call(assignment: Mapping[str, Any], dice: random.Random) -> Ended:
    """What becomes of this assignment; only dispositions that its screen offers are used."""
    offered = {choice["value"] for choice in assignment["dispositions"]}
    voters: Sequence[Mapping[str, Any]] = assignment["voters"]
    end = _drawn(_ENDS, dice)
    if end == "conversation":
        return _conversation(assignment, voters, offered, dice)
    if end == "housemate":
        return _housemate(voters, offered, dice)
    disposition = _among(offered, end)
    results = tuple(_result(voter, disposition) for voter in voters)
    return Ended(NOBODY, results, seconds(disposition, dice))


def seconds(what: str, dice: random.Random) -> float:
    """How long somebody is busy with this; most are near the middle, a few take far longer."""
    middle, spread = _SECONDS.get(what, _SECONDS_OTHERWISE)
    return min(spread_out(middle, spread, dice), SECONDS_MAX)


def spread_out(middle_seconds: float, spread: float, dice: random.Random) -> float:
    """A time whose logarithm is spread around the middle, as people's are."""
    return dice.lognormvariate(math.log(middle_seconds), spread)


def _conversation(
    assignment: Mapping[str, Any],
    voters: Sequence[Mapping[str, Any]],
    offered: set[str],
    dice: random.Random,
) -> Ended:
    """One voter of the line is spoken to; the others are not at home."""
    first = dice.choice(voters)
    disposition = _among(offered, _drawn(_CONVERSATIONS, dice), otherwise="canvassed")
    results = []
    for voter in voters:
        if voter is first:
            results.append(_said(assignment, voter, disposition, dice))
        else:
            results.append(_result(voter, _among(offered, "not_home")))
    return Ended(first["voter_id"], tuple(results), seconds(disposition, dice))


def _said(
    assignment: Mapping[str, Any], voter: Mapping[str, Any], disposition: str, dice: random.Random
) -> dict[str, Any]:
    result = _result(voter, disposition)
    if disposition == "canvassed":
        result["answers"] = answers(assignment["script"], voter.get("party"), dice)
    elif disposition == "language_barrier":
        result["language"] = dice.choice(_LANGUAGES)
    elif disposition == "call_back":
        result["promise"] = _promise(voter, dice)
    return result


def _promise(voter: Mapping[str, Any], dice: random.Random) -> dict[str, str]:
    """Tomorrow afternoon or evening, where the voter lives."""
    now = datetime.fromisoformat(voter["local_time"])
    at = (now + timedelta(days=1)).replace(hour=dice.randint(14, 19), minute=0, second=0)
    return {"at": at.isoformat(), "question": dice.choice(_QUESTIONS)}


def _housemate(
    voters: Sequence[Mapping[str, Any]], offered: set[str], dice: random.Random
) -> Ended:
    disposition = _among(offered, _drawn(_HOUSEMATES, dice))
    first = _result(voters[0], disposition)
    if disposition == "not_home":
        first["hearsay"] = dice.choice(_HEARSAY)
    others = "wrong_number" if disposition == "wrong_number" else _among(offered, "not_home")
    results = (first, *(_result(voter, others) for voter in voters[1:]))
    return Ended(OTHER, results, seconds("housemate", dice))


def answers(
    script: Mapping[str, Any], party: str | None, dice: random.Random
) -> dict[str, str | bool]:
    """What a willing voter says to the script's questions; a question may stay unanswered."""
    level = _drawn(_SUPPORT_BY_PARTY.get(party or "", _SUPPORT), dice)
    said: dict[str, str | bool] = {}
    for block in script["blocks"]:
        if block.get("meaning") == "support":
            said[block["id"]] = str(level)
        elif dice.random() > _ANSWERED_SHARE:
            continue
        elif block.get("meaning") == "volunteer":
            for_us = 0 < level <= _SUPPORTER_MAX
            said[block["id"]] = for_us and dice.random() < _VOLUNTEERS_SHARE
        elif block["kind"] == "choice":
            said[block["id"]] = str(dice.choice(block["options"])["value"])
    return said


def _result(voter: Mapping[str, Any], disposition: str) -> dict[str, Any]:
    return {"voter_id": voter["voter_id"], "disposition": disposition, "answers": {}}


def _among(offered: set[str], disposition: str, *, otherwise: str = "not_home") -> str:
    return disposition if disposition in offered else otherwise


def _drawn(weights: Mapping[Drawn, int], dice: random.Random) -> Drawn:
    return dice.choices(list(weights), list(weights.values()))[0]
