"""Selections and funnels in the words of their pages."""

from collections.abc import Mapping
from typing import Any

CONDITIONS = {
    "on_file": "Everybody on the file",
    "status": "May be called: registration neither cancelled nor of an unknown status",
    "state": "State",
    "counties": "County",
    "parties": "Party",
    "ages": "Age",
    "has_phone": "Phone",
    "last_attempt": "Last attempt",
    "support": "Support",
    "fictional_only": "Made-up numbers only",
}
PARTIES = {
    "D": "Democratic",
    "R": "Republican",
    "L": "Libertarian",
    "G": "Green",
    "I": "Independent",
    "N": "No party",
    "": "Nothing said in the file",
}
_AGE_MAX = 130
_HAS_PHONE = {None: "", True: "Has one", False: "Has none"}
_SUPPORT_KNOWN = {None: "", True: "Known", False: "Not known yet"}


def party_in_words(code: str) -> str:
    """A party's name; a file's own code as it stands there."""
    return PARTIES.get(code, code)


def selection_in_words(selection: Mapping[str, Any]) -> list[dict[str, str]]:
    """What was asked, as `label` and `text`; `at` is a moment that ends the text, or ""."""
    said = {
        "state": selection.get("state", ""),
        "counties": ", ".join(county.title() for county in selection.get("counties", ())),
        "parties": ", ".join(map(party_in_words, selection.get("parties", ()))),
        "ages": _ages_in_words(selection.get("ages")),
        "has_phone": _HAS_PHONE[selection.get("has_phone")],
        "last_attempt": "",
        "support": _support_in_words(selection),
        "fictional_only": "Yes" if selection.get("fictional_only") else "",
    }
    said["last_attempt"], at = _attempt_in_words(selection.get("last_attempt") or {})
    return [
        {
            "label": CONDITIONS[condition],
            "text": text,
            "at": at if condition == "last_attempt" else "",
        }
        for condition, text in said.items()
        if text
    ]


def _attempt_in_words(attempt: Mapping[str, Any]) -> tuple[str, str]:
    if attempt.get("never"):
        return "Never called", ""
    if attempt.get("before"):
        return "Never called, or last before", attempt["before"]
    return ("Called since", attempt["since"]) if attempt.get("since") else ("", "")


def _support_in_words(selection: Mapping[str, Any]) -> str:
    if selection.get("support_levels"):
        return "Level " + ", ".join(map(str, selection["support_levels"]))
    return _SUPPORT_KNOWN[selection.get("support_known")]


def _ages_in_words(ages: Mapping[str, int] | None) -> str:
    if ages is None:
        return ""
    first, last = ages.get("from", 0), ages.get("to", _AGE_MAX)
    if last >= _AGE_MAX:
        return f"{first} and older"
    return f"{first} to {last}" if first else f"{last} and younger"
