"""A script as an organizer writes it, read line by line; a fault has its line and a sentence."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.queue.domain.errors import ScriptInvalid
from services.queue.domain.script import (
    BLOCKS_MAX,
    END,
    OPTIONS_MAX,
    STEPS_MAX,
    Script,
    Unfit,
)
from services.queue.domain.script_faults import Remark, faults_in, part_place, step_place, unfilled
from services.queue.domain.script_words import (
    ASKING,
    IF,
    NAME,
    NAMING,
    SCALE_LABELS,
    SUPPORT_LABELS,
    TEXT_LENGTH_MAX,
    Asking,
    part_of,
    slug,
    split_label,
    unescaped,
    usual_step_id,
    usual_value,
    value_of,
    with_long_fields,
)

_HEADING = re.compile(r"(#{1,2})\s+(\S.*)", re.DOTALL)
_CONDITION = re.compile(
    # Possessive, so that a condition that never ends is given up at once, however long it is.
    r"\[if\s++(?P<block>[A-Za-z][\w-]*+)\s*+"
    r"(?P<test><=|>=|!=|=|is not\b|is\b|at most\b|at least\b)\s*+(?P<values>[^\]]++)\](?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_TESTS = {
    "=": "is",
    "is": "is",
    "!=": "is_not",
    "is not": "is_not",
    "<=": "at_most",
    "at most": "at_most",
    ">=": "at_least",
    "at least": "at_least",
}
_QUESTION = re.compile(
    r"\?\s*(?P<word>[a-z][a-z-]*)(?:[ \t]+(?P<name>[A-Za-z][\w-]*))?[ \t]*:(?P<text>.*)", re.DOTALL
)
# More than anybody reads; whoever has made so many goes on after the first are put right.
_FAULTS_MAX = 50


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text comes to: its script, None while there are `errors`; and where things are."""

    script: dict[str, Any] | None
    errors: tuple[Remark, ...]
    lines: Mapping[str, int]


def script_of(text: str) -> dict[str, Any]:
    """The script that is written here. Raises ScriptInvalid with the lines and what to do."""
    reading = read_script(text)
    if reading.script is None:
        raise ScriptInvalid(
            " ".join(f"Line {each.line}: {each.sentence}" for each in reading.errors[:5]),
            errors=[{"line": each.line, "message": each.sentence} for each in reading.errors],
        )
    return reading.script


def read_script(text: str) -> Reading:
    """Read a text, whatever is wrong in it; only where it is far too much, not to its end."""
    if len(text) > TEXT_LENGTH_MAX:
        sentence = (
            f"A script has {TEXT_LENGTH_MAX:,} characters at most, and this one has {len(text):,}."
            " Shorten it: the caller has to read it aloud."
        )
        return Reading(None, (Remark(1, sentence),), {})
    reader = _Reader()
    for number, raw in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        reader.take(number, raw)
        if reader.is_full:
            break
    return reader.finish()


@dataclass(slots=True)
class _Question:
    """A question that is still being written."""

    line: int
    asking: Asking | None
    block: dict[str, Any]
    texts: list[str] = field(default_factory=list)
    is_open: bool = True


@dataclass(slots=True)
class _Reader:
    """Where the reading is."""

    errors: list[Remark] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    parts: dict[str, list[str]] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    blocks: list[dict[str, Any]] = field(default_factory=list)
    targets: list[tuple[int, dict[str, Any], str]] = field(default_factory=list)
    part: list[str] | None = None
    said: list[str] | None = None
    question: _Question | None = None
    condition: tuple[int, dict[str, Any]] | None = None
    naming: tuple[int, str] | None = None
    texts: int = 0
    line: int = 0
    is_full: bool = False

    def take(self, number: int, raw: str) -> None:
        """One line more."""
        self.line = number
        try:
            self._take(raw)
        except Unfit as fault:
            self._wrong(str(fault))
        if len(self.errors) >= _FAULTS_MAX and not self.is_full:
            self._stop("Put these right first; the rest of the text has not been read.")

    def _take(self, raw: str) -> None:
        words = raw.strip()
        heading = _HEADING.fullmatch(words)
        if raw.startswith("\\"):
            self._say(unescaped(raw))
        elif heading is not None:
            self._open_heading(heading[1], heading[2])
        elif self.part is not None:
            self.part.append(words)
        elif not words:
            self.said = None
            if self.question is not None:
                self.question.is_open = False
        else:
            self._take_in_step(words)

    def _take_in_step(self, words: str) -> None:
        naming = NAMING.fullmatch(words)
        if IF.match(words):
            self._take_condition(words)
        elif words.startswith("?"):
            self._ask(words)
        elif words.startswith(("->", "→")):
            self._lead(words.removeprefix("->").removeprefix("→").strip())
        elif words.startswith("-"):
            self._offer(words.removeprefix("-").strip())
        elif naming is not None:
            self._close()
            if not NAME.fullmatch(naming[1]):
                raise Unfit(f"“{naming[1]}” is no name; use letters, digits, - and _ only.")
            self.naming = (self.line, naming[1])
        else:
            self._say(words)

    def _open_heading(self, marks: str, words: str) -> None:
        self._close()
        self._nothing_pending()
        labelled = split_label(words)
        part = part_of(labelled.label) if labelled.value is None else None
        if part is not None:
            if part in self.parts:
                raise Unfit("This part is there already; keep one of the two.")
            self.lines[part_place(part)] = self.line
            self.part = self.parts[part] = []
            return
        self.part = None
        if marks == "##":
            raise Unfit(
                f"“{words}” is no part of a script; there are Thanks, Who is calling, Tips for"
                " callers and Website. A step of the conversation has one # only."
            )
        title = labelled.label
        if len(self.steps) == STEPS_MAX:
            self._stop(f"A script has {STEPS_MAX} steps at most; put some together.")
            return
        id = labelled.value or usual_step_id(title, len(self.steps))
        if step_place(id) in self.lines:
            self._wrong("There is a step of this name already; give this one another.")
        self.steps.append({"id": id, "title": title, "then": None})
        self.lines[step_place(id)] = self.line

    def _take_condition(self, words: str) -> None:
        self._close()
        self._nothing_pending()
        found = _CONDITION.fullmatch(words)
        if found is None:
            raise Unfit("Write a condition like [if support <= 2] or [if issue = schools or work].")
        asked = next((each for each in self.blocks if each["id"] == found["block"]), None)
        words_of_values = " ".join(found["values"].split()).split(" or ")
        if len(words_of_values) > OPTIONS_MAX:
            raise Unfit(f"A condition names {OPTIONS_MAX} answers at most.")
        values = [value_of(word, asked) for word in words_of_values]
        test = _TESTS[found["test"].lower()]
        value = values[0] if len(values) == 1 else values
        condition = {"block": found["block"], "value": value, "test": test}
        self.condition = (self.line, condition)
        rest = found["rest"].strip()
        if IF.match(rest):
            self.condition = None
            raise Unfit("One [if …] on a line: only one condition can show what follows it.")
        if rest:
            self._take_in_step(rest)

    def _ask(self, words: str) -> None:
        self._close()
        found = _QUESTION.fullmatch(words)
        asking, name, text = None, None, words[1:].strip()
        if found is not None:
            asking = ASKING.get(found["word"])
            if asking is None:
                kinds = ", ".join(ASKING)
                self._wrong(f"“{found['word']}” is no kind of question; there are {kinds}.")
            name, text = found["name"], found["text"].strip()
            if name is None and asking is not None:
                name = asking.meaning
        number = sum(each["kind"] != "text" for each in self.blocks) + 1
        block = self._add(name or f"question_{number}", asking.kind if asking else "yes_no")
        self.question = _Question(self.line, asking, block, [text] if text else [])

    def _offer(self, words: str) -> None:
        question = self.question
        if question is None:
            raise Unfit("An answer needs a question above it. Plain text begins with \\ here.")
        if len(question.block["options"]) == OPTIONS_MAX:
            raise Unfit(f"A question has {OPTIONS_MAX} answers at most.")
        question.is_open = False
        question.asking = question.asking or Asking("choice")
        question.block["kind"] = question.asking.kind
        labelled = split_label(words)
        label = with_long_fields(labelled.label)
        spelled = labelled.value
        value = (
            usual_value(question.asking, len(question.block["options"]), label)
            if spelled is None
            else value_of(spelled, None)
        )
        option = {"value": value, "label": label, "go_to": None}
        question.block["options"].append(option)
        if labelled.to is not None:
            self.targets.append((self.line, option, labelled.to))

    def _lead(self, target: str) -> None:
        self._close()
        self._nothing_pending()
        if not self.steps:
            raise Unfit("A line with -> ends a step; give the step a heading first, as # Opening.")
        if self.steps[-1]["then"] is not None:
            raise Unfit("This step has an -> already; keep one of the two.")
        self.steps[-1]["then"] = target
        self.targets.append((self.line, self.steps[-1], target))

    def _say(self, words: str) -> None:
        if self.part is not None:
            self.part.append(words)
        elif self.question is not None and self.question.is_open:
            self.question.texts.append(words)
        elif self.said is not None:
            self.said.append(words)
        else:
            self._close()
            self.texts += 1
            named = self.naming[1] if self.naming else f"text_{self.texts}"
            self.naming = None
            block = self._add(named, "text")
            block["text"] = self.said = [words]

    def _add(self, id: str, kind: str) -> dict[str, Any]:
        self._nothing_named()
        if len(self.blocks) == BLOCKS_MAX:
            self._stop(f"A script has {BLOCKS_MAX} texts and questions at most; leave some out.")
        if self.steps and self.steps[-1]["then"] is not None:
            self._wrong("The -> above ends its step: nothing is said after it. Move it down.")
        block: dict[str, Any] = {
            "id": id,
            "kind": kind,
            "text": "",
            "options": [],
            "meaning": None,
            "show_if": self.condition[1] if self.condition else None,
            "step": self.steps[-1]["id"] if self.steps else None,
        }
        self.condition = None
        self.blocks.append(block)
        if id in self.lines:
            self._wrong(f"“{id}” is the name of something above; choose another.")
        self.lines[id] = self.line
        return block

    def _close(self) -> None:
        """What was being said or asked is whole."""
        self.said = None
        question, self.question = self.question, None
        if question is None:
            return
        asking = question.asking or Asking("yes_no")
        question.block["meaning"] = asking.meaning
        question.block["text"] = question.texts
        if not question.block["options"]:
            labels: Sequence[str] = ()
            if asking.meaning == "support":
                labels = SUPPORT_LABELS
            elif asking.kind == "scale":
                labels = SCALE_LABELS
            question.block["options"] = [
                {"value": usual_value(asking, place, label), "label": label, "go_to": None}
                for place, label in enumerate(labels)
            ]

    def _nothing_pending(self) -> None:
        if self.condition is not None:
            line, _ = self.condition
            self.condition = None
            self.errors.append(Remark(line, "Nothing follows this [if …] that it could show."))
        self._nothing_named()

    def _nothing_named(self) -> None:
        if self.naming is not None:
            line, name = self.naming
            self.naming = None
            self.errors.append(Remark(line, f"@{name} names the text below it; there is none."))

    def _wrong(self, sentence: str) -> None:
        self.errors.append(Remark(self.line, sentence))

    def _stop(self, sentence: str) -> None:
        self._wrong(sentence)
        self.is_full = True

    def finish(self) -> Reading:
        """The whole."""
        self._close()
        self._nothing_pending()
        # Of a text that was not read to its end nobody can say which steps are missing.
        if not self.is_full:
            self._lead_to_steps()
        blocks = [
            block | {"text": with_long_fields("\n".join(block["text"]))} for block in self.blocks
        ]
        parts = {
            part: with_long_fields("\n".join(lines).strip("\n")) or None
            for part, lines in self.parts.items()
        }
        script = {"blocks": blocks, "steps": self.steps, **parts}
        if not self.errors:
            who, place = self.parts.get("paid_for_by", []), part_place("paid_for_by")
            self.errors.extend(unfilled(who, self.lines.get(place, 0) + 1))
            self.errors.extend(faults_in(script, self.lines, self.line))
        errors = tuple(sorted(self.errors, key=lambda each: each.line))
        whole = None if errors else Script.model_validate(script).model_dump(mode="json")
        return Reading(whole, errors, self.lines)

    def _lead_to_steps(self) -> None:
        """Put the steps' ids where their names or titles are written."""
        ids = {str(step["id"]): str(step["id"]) for step in self.steps} | {END: END}
        by_title = {slug(step["title"]): str(step["id"]) for step in reversed(self.steps)}
        for line, holder, target in self.targets:
            short = slug(target)
            ends = END if part_of(target) == "thanks" or short == END else None
            found = ids.get(target) or by_title.get(short) or ends
            if found is None:
                self.errors.append(
                    Remark(line, f"There is no step “{target}”; a step begins with #.")
                )
            holder["then" if "then" in holder else "go_to"] = found
