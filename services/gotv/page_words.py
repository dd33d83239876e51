"""What the pages of lists and boards say: titles, columns, help, and what an empty list means."""

from dataclasses import dataclass

from services.gotv.dashboard import FORMULAS

_LABELS = {
    "calls": "Results",
    "calls_last_hour": "Results in the last hour",
    "attempts": "Attempts",
    "dials": "Dials",
    "contacts": "Contacts",
    "conversations": "Conversations",
    "ids": "IDs (identified)",
    "volunteers": "Volunteers found",
    "supporters": "Supporters",
    "voters_reached": "Voters reached",
    "callers_active": "Callers at work now",
}
_OF_A_BANK_ONLY = frozenset({"supporters", "voters_reached"})

# As the pages that set a phone bank up say it; `labels.js` has the same for what moves.
BANK_STATES = {"created": "Not open yet", "open": "Open", "paused": "Paused", "closed": "Closed"}
BANK_CELLS = (
    ("callers_active", "Callers now"),
    ("calls_last_hour", "Last hour"),
    ("calls", "Results"),
    ("contacts", "Contacts"),
    ("ids", "IDs"),
    ("now", "Left now"),
    ("later", "Later"),
    ("exhausted", "Not any more"),
)

_LEVELS = {
    1: "1, strong for",
    2: "2, leaning for",
    3: "3, undecided",
    4: "4, leaning against",
    5: "5, strong against",
    0: "Would not say",
}
_SUPPORT_COLUMNS = ("Voter", "Support", "Place", "Answered")
# What is chosen at first has no name in the address.
_BY_TIME = (("", "Newest first"), ("oldest", "Oldest first"))
_BY_WHOSE = (("bank", "By phone bank"), ("caller", "By caller"))


def formulas_of(*, bank: bool) -> list[tuple[str, str]]:
    """Labels and formulas of the figures on a board."""
    shown = [name for name in _LABELS if bank or name not in _OF_A_BANK_ONLY]
    return [(_LABELS[name], FORMULAS[name]) for name in shown]


@dataclass(frozen=True, slots=True)
class ListWords:
    """The words of one kind of list; `levels` are what its filter of support offers."""

    kind: str
    title: str
    words: str
    empty: str
    columns: tuple[str, ...]
    moment: str
    levels: tuple[tuple[int, str], ...] = ()
    orders: tuple[tuple[str, str], ...] = _BY_TIME


def _levels(*levels: int) -> tuple[tuple[int, str], ...]:
    return tuple((level, _LEVELS[level]) for level in levels)


LIST_WORDS = (
    ListWords(
        "supporters",
        "Supporters",
        "Voters whose latest own answer makes them supporters. These are called again to vote.",
        "Voters come onto it as soon as callers record their answers.",
        _SUPPORT_COLUMNS,
        "Answered",
        _levels(1, 2),
        (*_BY_TIME, ("support_up", "Strongest first"), ("support_down", "Weakest first")),
    ),
    ListWords(
        "undecided",
        "Undecided",
        "Voters whose latest own answer was a 3. A good list for a second conversation.",
        "Voters come onto it as soon as somebody answers with a 3.",
        _SUPPORT_COLUMNS,
        "Answered",
    ),
    ListWords(
        "non-supporters",
        "Non-supporters",
        "Voters whose latest own answer was a 4 or a 5. Nobody calls them to vote.",
        "Voters come onto it as soon as somebody answers with a 4 or a 5.",
        _SUPPORT_COLUMNS,
        "Answered",
        _levels(4, 5),
        (*_BY_TIME, ("support_up", "Weakest first"), ("support_down", "Strongest first")),
    ),
    ListWords(
        "volunteers",
        "Volunteers",
        "Voters who said yes to helping, with when, and in whose call.",
        "Voters come onto it as soon as somebody says yes to helping.",
        ("Voter", "Support", "Place", "Found", "By"),
        "Found",
        _levels(1, 2, 3, 4, 5, 0),
        (*_BY_TIME, *_BY_WHOSE),
    ),
    ListWords(
        "promises",
        "Promises",
        "Calls that callers promised. One is kept by any call from fifteen minutes before its "
        "time on, and overdue half an hour after it.",
        "A promise comes onto it as soon as a caller saves one with a call.",
        ("Voter", "Promised for", "Standing", "Question", "Place", "By"),
        "Due",
        orders=(("", "Soonest first"), ("newest", "Latest first"), *_BY_WHOSE),
    ),
    ListWords(
        "hearsay",
        "Hearsay",
        "What somebody else on the line said about a voter. It never counts as the voter's own "
        "answer; they are called again.",
        "Words come onto it as soon as a caller saves what somebody else said.",
        ("Voter", "What was said", "Place", "Heard", "By"),
        "Heard",
        orders=(*_BY_TIME, *_BY_WHOSE),
    ),
)
