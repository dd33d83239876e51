"""What is wrong in a script that was read, and what may be meant otherwise: by line, in words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from services.queue.domain.script import END, FALLBACKS, Script, Unfit, merge_fields
from services.queue.domain.script_words import SHORT_FIELDS, WORD_OF, with_short_fields

_KINDS = {kind: word for (kind, meaning), word in WORD_OF.items() if meaning is None}
_CANNOT_BE_MISSING = "candidate"


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence about a line, the first being 1."""

    line: int
    sentence: str


def step_place(id: str) -> str:
    """How a step is named among the places of a text; blocks go by their own names."""
    return f"# {id}"


def part_place(part: str) -> str:
    """How a part (`thanks` …) is named among the places of a text."""
    return f"## {part}"


def faults_in(script: Mapping[str, Any], lines: Mapping[str, int], last_line: int) -> list[Remark]:
    """What keeps the script from being published; `lines` are where its things are."""
    faults = []
    if not script["blocks"]:
        sentence = "Write what to say first: a few words, then a question that begins with ?."
        faults.append(Remark(1, sentence))
    for part, sentence in (
        ("thanks", "Every ending thanks the voter: add ## Thanks and the words."),
        ("paid_for_by", "Say who is calling, for whom, and who pays: add ## Who is calling."),
    ):
        if not script.get(part):
            faults.append(Remark(lines.get(part_place(part), last_line), sentence))
    if faults:
        return faults
    try:
        Script.model_validate(script)
    except ValidationError as error:
        return [
            Remark(_line_of(fault, script, lines), _in_words(fault))
            for fault in error.errors(include_url=False)
        ]
    return []


def unfilled(part: Iterable[str], first_line: int) -> list[Remark]:
    """Who is calling, and who pays, is said in full: where dots were left, `part` by its lines."""
    return [
        Remark(line, "Fill in the dots: say who is calling, for whom, and who pays.")
        for line, words in enumerate(part, first_line)
        if _has_dots(words)
    ]


def warnings_of(script: Script, lines: Mapping[str, int]) -> list[Remark]:
    """What callers may stumble over, though it can be published."""
    found = [
        *_about_questions(script),
        *_about_parts(script, lines),
        *_about_steps(script, lines),
        *_about_fields(script, lines),
        *_about_dots(script, lines),
    ]
    return sorted(found, key=lambda each: each.line)


def _about_questions(script: Script) -> Iterator[Remark]:
    if script.question("support") is None:
        yield Remark(1, "No question asks for support: begin one with “? support:”.")
    if script.question("volunteer") is None:
        yield Remark(1, "Nobody is asked to volunteer: add “? volunteer: Will you help us?”.")


def _about_parts(script: Script, lines: Mapping[str, int]) -> Iterator[Remark]:
    if "thank" not in script.thanks.lower():
        yield Remark(lines.get(part_place("thanks"), 1), "The ending does not thank the voter.")
    if "paid for" not in script.paid_for_by.lower():
        place = part_place("paid_for_by")
        yield Remark(lines.get(place, 1), "It is not said who pays: write “Paid for by …”.")


def _about_steps(script: Script, lines: Mapping[str, int]) -> Iterator[Remark]:
    reached = _reached(script)
    for step in script.steps:
        line = lines.get(step_place(step.id), 1)
        if step.id not in reached:
            yield Remark(line, f"Nothing leads to the step “{step.title}”: nobody will see it.")
        elif step.then is None and not any(block.step == step.id for block in script.blocks):
            yield Remark(line, f"The step “{step.title}” says nothing.")
        elif step.then == END and not any(block.step == step.id for block in script.blocks):
            yield Remark(line, f"The step “{step.title}” ends the call without a word.")


def _reached(script: Script) -> set[str | None]:
    """The steps that some way through the script comes by; None is what is before the first."""
    order: list[str | None] = [None, *(step.id for step in script.steps)]
    then = {step.id: step.then for step in script.steps}
    # Steps lead forward only, so one look at each in their order sees every way.
    reached: set[str | None] = {None}
    if not any(block.step is None for block in script.blocks) and len(order) > 1:
        reached.add(order[1])
    for place, step in enumerate(order):
        if step not in reached:
            continue
        blocks = [block for block in script.blocks if block.step == step]
        reached.update(option.go_to for block in blocks for option in block.options)
        # A question that is always asked, and each answer of which leads elsewhere, is a fork.
        forks = any(
            block.show_if is None and block.options and all(o.go_to for o in block.options)
            for block in blocks
        )
        following = order[place + 1] if place + 1 < len(order) else END
        if not forks:
            reached.add(then.get(step or "") or following)
    return reached


def _about_fields(script: Script, lines: Mapping[str, int]) -> Iterator[Remark]:
    told: set[str] = set()
    for place, text in script.texts():
        for field in merge_fields(text):
            name, bar, _ = field.partition("|")
            if bar or name == _CANNOT_BE_MISSING or name in told:
                continue
            told.add(name)
            short = with_short_fields(f"{{{name}}}")
            fallback = short.replace("}", f"|{FALLBACKS[name]}}}")
            yield Remark(
                lines.get(place, lines.get(part_place(place), 1)),
                f"{short} may be unknown; “{FALLBACKS[name]}” is said then."
                f" Choose your own words with {fallback}.",
            )


def _about_dots(script: Script, lines: Mapping[str, int]) -> Iterator[Remark]:
    texts = {block.id for block in script.blocks if block.kind == "text"}
    for place, text in script.texts():
        found = next((at for at, words in enumerate(text.split("\n")) if _has_dots(words)), None)
        if found is None:
            continue
        line = lines.get(place, lines.get(part_place(place), 1))
        yield Remark(
            line + (found if place in texts else 0),
            "There are dots here. If they are to be filled in, do: callers read what stands here.",
        )


def _has_dots(words: str) -> bool:
    return "…" in words or "..." in words


def _line_of(fault: Mapping[str, Any], script: Mapping[str, Any], lines: Mapping[str, int]) -> int:
    cause, loc = fault.get("ctx", {}).get("error"), fault["loc"]
    if loc and loc[0] == "blocks" and len(loc) > 1:
        place = str(script["blocks"][loc[1]]["id"])
    elif loc and loc[0] == "steps" and len(loc) > 1:
        place = step_place(script["steps"][loc[1]]["id"])
    elif loc:
        place = part_place(str(loc[0]))
    else:
        place = cause.place if isinstance(cause, Unfit) else ""
    return next(
        (lines[each] for each in (place, step_place(place), part_place(place)) if each in lines), 1
    )


def _in_words(fault: Mapping[str, Any]) -> str:
    cause, loc = fault.get("ctx", {}).get("error"), fault["loc"]
    if loc and loc[0] == "candidate_site":
        return "The website is one address that begins with https://."
    if loc and loc[-1] in {"text", "label", "title"} and fault["type"] == "string_too_short":
        return "Words are missing here: what do callers say or ask?"
    if loc and loc[-1] == "id":
        return "A name is a letter and up to 39 more letters, digits, - or _."
    sentence = str(cause) if cause is not None else str(fault["msg"])
    head, is_field, _ = sentence.partition(" is no field; there are ")
    if is_field:
        known = ", ".join(f"{{{name}}}" for name in SHORT_FIELDS)
        return f"{head} is no field; there are {known}."
    for kind, word in _KINDS.items():
        sentence = sentence.replace(f"a {kind} ", f"“{word}” ")
    return sentence[:1].upper() + sentence[1:].rstrip(".") + "."
