"""What the parts of a voter's row come to: may the voter be called, and when in which bank."""

from typing import Any

from libs.events.results import Disposition
from libs.views.view import Row

# These hold on every line of the voter; other reasons only on the line they were given for.
_ON_EVERY_LINE = frozenset({"refused", "deceased", "do_not_call", "moved", "voted"})
# These say something of the line: another line of the voter may still be called.
_ABOUT_THE_LINE = frozenset({Disposition.WRONG_NUMBER.value, Disposition.DISCONNECTED.value})


def derive(row: Row) -> Row:
    """The row with its derived fields made new from its parts."""
    filed = row["file"] or {"state": None, "zones": [], "line_ids": []}
    row["state"] = filed["state"]
    row["zone_key"] = "|".join(filed["zones"])
    row["suppressed"] = sorted(
        reason
        for reason in {each for line in row["let_go"].values() for each in line["voter"]}
        if reason in _ON_EVERY_LINE
    )
    open_lines = [line_id for line_id in filed["line_ids"] if _is_open(row, line_id)]
    row["callable"] = bool(open_lines) and not row["suppressed"]
    reached = {bank_id for bank_id, times in row["reached"].items() if times > 0}
    row["banks"] = [
        _standing(bank_id, row["attempted"].get(bank_id, {}), open_lines)
        | {"reached": bank_id in reached}
        for bank_id in sorted({*row["attempted"], *reached})
    ]
    last = next((told for told in row["history"] if told["counts"]), None)
    row["last"] = last and {
        name: last[name] for name in ("disposition", "called_at", "bank_id", "call_id")
    }
    return row


def _is_open(row: Row, line_id: str) -> bool:
    reasons = row["let_go"].get(line_id)
    return reasons is None or not (reasons["line"] or reasons["voter"])


def _standing(bank_id: str, attempts: dict[str, Row], open_lines: list[str]) -> dict[str, Any]:
    """When the bank may call the voter again; `due_at` None and not exhausted: at once."""
    if not attempts:
        return {"bank_id": bank_id, "due_at": None, "exhausted": False}
    last_line, last = max(attempts.items(), key=lambda each: (each[1]["ended_at"], each[0]))
    if last["due_at"] is None and last["disposition"] not in _ABOUT_THE_LINE:
        return {"bank_id": bank_id, "due_at": None, "exhausted": True}
    # The distance from the last attempt is the voter's, on whichever line it was.
    lines = [
        line_id
        for line_id in open_lines
        if line_id not in attempts or attempts[line_id]["due_at"] is not None
    ]
    exhausted = not lines and last_line not in lines
    return {
        "bank_id": bank_id,
        "due_at": None if exhausted else last["due_at"],
        "exhausted": exhausted,
    }
