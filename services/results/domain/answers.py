"""What counts of the answers a caller marked, read against the questions of the script."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from libs.events.results import AnswerValue

Kind = Literal[
    "text",
    "choice",
    "multiple_choice",
    "scale",
    "yes_no",
    "number",
    "date",
    "free_text",
    "call_back",
]
# What JSON may hold as an answer.
Given = str | int | float | bool | list[str] | None

SUPPORT_MAX = 5
WOULD_NOT_SAY = 0
TEXT_LENGTH_MAX = 5_000
_YES = {"yes", "true", "1"}
_NO = {"no", "false", "0"}
_UNSURE = {"unsure", "would_not_say", "would not say"}


@dataclass(frozen=True, slots=True)
class Question:
    """A block of a script that can be answered; `values` are what its options offer."""

    kind: Kind
    values: tuple[str | int | bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Meanings:
    """Which questions ask for support and for help, as the ticket says."""

    support: str | None = None
    volunteer: str | None = None


@dataclass(slots=True)
class Understood:
    """What an answer sheet comes to: facts, texts for the vault, and notes for the caller."""

    answers: dict[str, AnswerValue] = field(default_factory=dict)
    support: int | None = None
    volunteer: bool | None = None
    texts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def understand(
    given: Mapping[str, Given], questions: Mapping[str, Question] | None, meanings: Meanings
) -> Understood:
    """Read the answers. `questions` None: the script has not reached us, so nothing is unknown.

    Then no words can be told from a choice, and all go to the vault but for numbers and yes or no.
    """
    sheet = Understood()
    for name, value in given.items():
        if value is None or value in ("", []):
            continue
        if name == meanings.support:
            _take_support(sheet, name, value)
        elif name == meanings.volunteer:
            _take_volunteer(sheet, name, value)
        elif questions is None:
            _take_unseen(sheet, name, value)
        elif name in questions:
            _take(sheet, name, value, questions[name])
        else:
            sheet.notes.append(f"The script has no question {name[:40]!r}; its answer was left.")
    return sheet


def _take_support(sheet: Understood, name: str, value: Given) -> None:
    said = str(value).strip().lower()
    level = WOULD_NOT_SAY if said in _UNSURE else _whole(said)
    if level is None or isinstance(value, bool | list) or not 0 <= level <= SUPPORT_MAX:
        sheet.notes.append(f"{name}: support is 1 to {SUPPORT_MAX}, or 0 for would not say.")
        return
    sheet.answers[name] = str(level)
    sheet.support = level


def _take_volunteer(sheet: Understood, name: str, value: Given) -> None:
    said = _yes_or_no(value)
    if said is None:
        sheet.notes.append(f"{name}: answer it with yes or no.")
        return
    sheet.answers[name] = said
    sheet.volunteer = said


def _take_unseen(sheet: Understood, name: str, value: Given) -> None:
    if isinstance(value, bool | int | float):
        sheet.answers[name] = _number_as_kept(value)
    else:
        sheet.texts.append(_text(name, value))


def _take(sheet: Understood, name: str, value: Given, question: Question) -> None:
    if question.kind == "free_text":
        sheet.texts.append(_text(name, value))
        return
    kept = _READERS[question.kind](value, question)
    if kept is None:
        sheet.notes.append(f"{name}: the script does not offer this answer; it was left.")
    else:
        sheet.answers[name] = kept


def _chosen(value: Given, question: Question) -> AnswerValue | None:
    """The option's own value, so that `1` and `"1"` are one answer; several where several came."""
    offered = {_spelled(each): each for each in question.values}
    if isinstance(value, list):
        spelled = [_spelled(each) for each in value]
        return tuple(spelled) if all(each in offered for each in spelled) else None
    return offered.get(_spelled(value))


def _answered(value: Given, question: Question) -> AnswerValue | None:
    return _chosen(value, question) if question.values else _yes_or_no(value)


def _counted(value: Given, _: Question) -> AnswerValue | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        return None
    return _number_as_kept(value)


def _dated(value: Given, _: Question) -> AnswerValue | None:
    """A day as YYYY-MM-DD."""
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value.strip()).isoformat()
    except ValueError:
        return None


def _unanswerable(_: Given, __: Question) -> AnswerValue | None:
    return None


_READERS: dict[Kind, Callable[[Given, Question], AnswerValue | None]] = {
    "choice": _chosen,
    "multiple_choice": _chosen,
    "scale": _chosen,
    "yes_no": _answered,
    "number": _counted,
    "date": _dated,
    "text": _unanswerable,
    # Its answer is a promise, which is sent as one.
    "call_back": _unanswerable,
}


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _yes_or_no(value: Given) -> bool | None:
    said = _spelled(value).strip().lower()
    if said in _YES:
        return True
    return False if said in _NO else None


def _is_finite(value: float) -> bool:
    return abs(value) < 10**15


def _number_as_kept(value: float) -> AnswerValue:
    """Whole numbers as such, others in their decimal spelling, for facts know no fractions."""
    if isinstance(value, bool | int):
        return value
    return int(value) if value.is_integer() else repr(value)


def _whole(said: str) -> int | None:
    try:
        number = float(said)
    except ValueError:
        return None
    return int(number) if _is_finite(number) and number.is_integer() else None


def _text(name: str, value: Given) -> str:
    words = ", ".join(value) if isinstance(value, list) else str(value)
    return f"{name}: {words}"[:TEXT_LENGTH_MAX]
