"""The words of a script as organizers write one: kinds, parts, short names, what goes unsaid."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from services.queue.domain.script import Block, Kind, Unfit, Value

TEXT_LENGTH_MAX = 30_000
_SLUG_LENGTH_MAX = 40
# What every part that reads a script, a browser too, still counts one by one.
_NUMBER_MAX = 2**53


@dataclass(frozen=True, slots=True)
class Asking:
    """What a question's first word stands for."""

    kind: Kind
    meaning: str | None = None


ASKING = {
    "support": Asking("scale", "support"),
    "support-choice": Asking("choice", "support"),
    "volunteer": Asking("yes_no", "volunteer"),
    "choice": Asking("choice"),
    "several": Asking("multiple_choice"),
    "scale": Asking("scale"),
    "yes-no": Asking("yes_no"),
    "number": Asking("number"),
    "date": Asking("date"),
    "words": Asking("free_text"),
    "call-back": Asking("call_back"),
}
WORD_OF = {(asking.kind, asking.meaning): word for word, asking in ASKING.items()}
SUPPORT_LABELS = (
    "Surely {candidate}",
    "Leaning {candidate}",
    "Undecided",
    "Leaning other",
    "Surely other",
    "Would not say",
)
_SUPPORT_VALUES = ("1", "2", "3", "4", "5", "0")
SCALE_LABELS = ("1", "2", "3", "4", "5")

# The parts that every ending or every voter hears, by the headings that open them.
PARTS = {
    "thanks": "thanks",
    "thank-you": "thanks",
    "the-end": "thanks",
    "who-is-calling": "paid_for_by",
    "paid-for-by": "paid_for_by",
    "tips-for-callers": "coaching",
    "tips": "coaching",
    "website": "candidate_site",
    "candidate-s-website": "candidate_site",
}
HEADING_OF = {
    "thanks": "Thanks",
    "paid_for_by": "Who is calling",
    "coaching": "Tips for callers",
    "candidate_site": "Website",
}

_SHORT_OF = {
    "voter.first_name": "first_name",
    "voter.city": "city",
    "caller.first_name": "my_name",
}
_LONG_OF = {short: long for long, short in _SHORT_OF.items()}
SHORT_FIELDS = (*_LONG_OF, "candidate")
_FIELD = re.compile(r"\{([^{}|]*)((?:\|[^{}]*)?)\}")

_YES = {"yes": True, "true": True, "no": False, "false": False}
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
BARE = re.compile(r"[A-Za-z0-9_.-]+")
IF = re.compile(r"\[if\b", re.IGNORECASE)
NAMING = re.compile(r"@(\S+)")
_ARROW = re.compile(r"->|→")
_VALUE = re.compile(r"(?:^|\s)=\s(\(\S*\)|[A-Za-z0-9_.-]+)$")
_NO_SPACE = {ord(sign): f"\\u{ord(sign):04x}" for sign in " ])"}


def with_long_fields(text: str) -> str:
    """`{first_name|there}` as the stored script has it."""
    return _FIELD.sub(lambda found: f"{{{_LONG_OF.get(found[1], found[1])}{found[2]}}}", text)


def with_short_fields(text: str) -> str:
    """The other way round."""
    return _FIELD.sub(lambda found: f"{{{_SHORT_OF.get(found[1], found[1])}{found[2]}}}", text)


def slug(words: str) -> str:
    """Words as a name: `Health care` is `health_care`; empty where nothing is left."""
    # The first words alone: labels may be long, and are compared with many an answer.
    parts = islice(re.finditer(r"[a-z0-9]+", words.lower()), _SLUG_LENGTH_MAX)
    return "_".join(part[0] for part in parts)[:_SLUG_LENGTH_MAX].strip("_")


def part_of(heading: str) -> str | None:
    """The part of the script that this heading opens, None for a step's."""
    return PARTS.get(slug(heading).replace("_", "-"))


def usual_value(asking: Asking, place: int, label: str) -> Value:
    """The value of an answer that names none; `place` counts from 0."""
    if asking.meaning == "support" and place < len(_SUPPORT_VALUES):
        return _SUPPORT_VALUES[place]
    if asking.kind == "scale" or asking.meaning == "support":
        return str(place + 1)
    short = slug(label)
    if asking.kind == "yes_no" and short in {"yes", "no"}:
        return short == "yes"
    return short or f"answer_{place + 1}"


def usual_step_id(title: str, place: int) -> str:
    """The id of a step that names none; `place` counts from 0."""
    short = slug(title)
    fits = NAME.fullmatch(short) and short != "end"
    return short if fits else f"step_{place + 1}"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A label, the value behind its `=` and the step behind its `->`, as they are spelled."""

    label: str
    value: str | None
    to: str | None


def split_label(rest: str) -> Labelled:
    """Take `label = value -> step` apart; value and step may be left out.

    A label of odd letters is in quotation marks. Raises Unfit for some that do not end.
    """
    rest = rest.strip()
    if rest.startswith('"'):
        try:
            label, end = json.JSONDecoder().raw_decode(rest)
        except json.JSONDecodeError as error:
            raise Unfit("The quotation marks do not end, or hold an odd letter.") from error
        tail = _split_plain(rest[end:])
        if not tail.label:
            return Labelled(str(label), tail.value, tail.to)
    return _split_plain(rest)


def _split_plain(rest: str) -> Labelled:
    arrow = _ARROW.search(rest)
    to = rest[arrow.end() :].strip() if arrow else ""
    head = (rest[: arrow.start()] if arrow and to else rest).strip()
    value = _VALUE.search(head)
    label = head[: value.start()].strip() if value else head
    return Labelled(label, value[1] if value else None, to or None)


def join_label(label: str, value: str | None = None, to: str | None = None) -> str:
    """What `split_label` reads as these."""
    tail = (f" = {value}" if value is not None else "") + (f" -> {to}" if to is not None else "")
    if label and split_label(label + tail) == Labelled(label, value, to) and "\n" not in label:
        return label + tail
    return json.dumps(label) + tail


def spell(value: Value) -> str:
    """A value that is not just a word, in brackets and without a space."""
    return f"({json.dumps(value).translate(_NO_SPACE)})"


def read_spelled(spelled: str) -> Value | None:
    """The value in brackets, None where there are no brackets. Raises Unfit."""
    if not (spelled.startswith("(") and spelled.endswith(")")):
        return None
    try:
        value: Any = json.loads(spelled[1:-1])
    except (ValueError, RecursionError) as error:
        raise Unfit(f"{spelled} is no value; write one word or a number") from error
    if not isinstance(value, str | int) or (isinstance(value, int) and abs(value) > _NUMBER_MAX):
        raise Unfit(f"{spelled} is no value; write one word or a number")
    return value


def value_meant(word: str, asked: Block | Mapping[str, Any] | None) -> Value:
    """The answer that a word in a condition means: an option's value, or its label."""
    if asked is None:
        return word
    block = asked.model_dump() if isinstance(asked, Block) else asked
    options = block["options"]
    if not options and block["kind"] == "yes_no":
        return _YES.get(word.lower(), word)
    if block["kind"] == "number" and re.fullmatch(r"-?(0|[1-9]\d{0,8})", word):
        return int(word)
    for option in options:
        if str(option["value"]) == word:
            value: Value = option["value"]
            return value
    for option in options:
        if slug(word) and slug(option["label"]) == slug(word):
            labelled: Value = option["value"]
            return labelled
    return word


def value_of(word: str, asked: Mapping[str, Any] | None) -> Value:
    """The value that a word of the text is, for a question or without one. Raises Unfit."""
    spelled = read_spelled(word)
    if spelled is not None:
        return spelled
    if not BARE.fullmatch(word) and asked is None:
        raise Unfit(f"“{word}” is no answer; write one word, as schools.")
    return value_meant(word, asked)


def escaped(line: str) -> str:
    """A line that is read as these very words, whatever they begin with."""
    if not line:
        return "\\"
    if not _is_special(line):
        return line
    guard = "\\" if line != line.rstrip() or line.endswith("\\") else ""
    return f"\\{line}{guard}"


def escaped_in_part(line: str) -> str:
    """The same within a part such as Thanks, where only headings are special."""
    is_plain = line == line.strip() and not line.startswith(("#", "\\"))
    return line if is_plain else escaped(line)


def unescaped(raw: str) -> str:
    """The words of a line that begins with a backslash."""
    words = raw[1:]
    return words.removesuffix("\\")


def _is_special(line: str) -> bool:
    return (
        line != line.strip()
        or line.startswith(("\\", "#", "?", "-", "→"))
        or NAMING.fullmatch(line) is not None
        or IF.match(line) is not None
    )
