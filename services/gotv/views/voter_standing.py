"""What the parts of a voter's row come to: may the voter be called, and when in which bank."""

from typing import Any

from libs.events.results import Disposition
from libs.views.view import Row
from services.gotv.views.told_by_voter import derive_answers

# These hold on every line of the voter; other reasons only on the line they were given for.
_ON_EVERY_LINE = frozenset({"refused", "deceased", "do_not_call", "moved", "voted"})
# These say something of the line: another line of the voter may still be called.
_ABOUT_THE_LINE = frozenset({Disposition.WRONG_NUMBER.value, Disposition.DISCONNECTED.value})
# Of several reasons not to call a voter, the first of these is named.
_WORST_FIRST = (
    "deceased",
    "do_not_call",
    "refused",
    "voted",
    "moved",
    "retired_line",
    "wrong_number",
)


def derive(row: Row) -> Row:
    """The row with its derived fields made new from its parts."""
    filed = row["file"] or {"state": None, "zones": [], "line_ids": []}
    derive_answers(row)
    # Until gotv has weighed what was taken back, nobody is listed for an answer nobody gave.
    row["supporter"] = row["identified"] and "support_level" in row
    row["state"] = filed["state"]
    row["zone_key"] = "|".join(filed["zones"])
    row["suppressed"] = sorted(
        reason
        for reason in {each for line in row["let_go"].values() for each in line["voter"]}
        if reason in _ON_EVERY_LINE
    )
    open_lines = [line_id for line_id in filed["line_ids"] if _is_open(row, line_id)]
    row["callable"] = bool(open_lines) and not row["suppressed"]
    row["let_go_for"] = None if row["callable"] else _let_go_for(row, filed["line_ids"])
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


def _let_go_for(row: Row, line_ids: list[str]) -> str:
    """Why nobody calls the voter: the worst of the reasons, or that there is no number."""
    let_go = [row["let_go"].get(line_id, {"line": [], "voter": []}) for line_id in line_ids]
    reasons = {*row["suppressed"], *(each for line in let_go for each in line["line"])}
    reasons |= {each for line in let_go for each in line["voter"]}
    return next((reason for reason in _WORST_FIRST if reason in reasons), "no_phone")


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
