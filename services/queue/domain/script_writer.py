"""A stored script as the text that an organizer writes; reading it gives the same script again."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.queue.domain.script import Block, Option, Script, ShowIf, Value, parse
from services.queue.domain.script_words import (
    BARE,
    HEADING_OF,
    WORD_OF,
    Asking,
    escaped,
    escaped_in_part,
    join_label,
    part_of,
    spell,
    usual_step_id,
    usual_value,
    value_meant,
    with_short_fields,
)

_SIGNS = {"is": "=", "is_not": "!=", "at_most": "<=", "at_least": ">="}


def as_text(script: Mapping[str, Any]) -> str:
    """The script as a text. Raises ScriptInvalid for what is no script."""
    shape = parse(script)
    return "\n".join(_lines(shape)) + "\n"


def _lines(script: Script) -> Iterator[str]:
    texts = 0
    asked = {block.id: block for block in script.blocks}
    for place, step in enumerate((None, *script.steps)):
        if step is not None:
            usual = usual_step_id(step.title, place - 1) == step.id and not part_of(step.title)
            yield f"# {join_label(step.title, None if usual else step.id)}"
            yield ""
        for block in script.blocks:
            if block.step != (step.id if step else None):
                continue
            if block.show_if is not None:
                yield _condition(block.show_if, asked[block.show_if.block])
            if block.kind == "text":
                texts += 1
                yield from _said(block, texts)
            else:
                yield from _asked(block)
            yield ""
        if step is not None and step.then is not None:
            yield f"-> {step.then}"
            yield ""
    for part, heading in HEADING_OF.items():
        text = getattr(script, part)
        if text is not None:
            yield f"## {heading}"
            yield from map(escaped_in_part, with_short_fields(text).split("\n"))
            yield ""


def _said(block: Block, number: int) -> Iterator[str]:
    if block.id != f"text_{number}":
        yield f"@{block.id}"
    yield from map(escaped, with_short_fields(block.text).split("\n"))


def _asked(block: Block) -> Iterator[str]:
    asking = Asking(block.kind, block.meaning)
    first, *others = with_short_fields(block.text).split("\n")
    name = "" if block.id == block.meaning else f" {block.id}"
    head = f"? {WORD_OF[block.kind, block.meaning]}{name}:"
    if first == first.strip():
        yield f"{head} {first}"
    else:
        yield head
        yield escaped(first)
    yield from map(escaped, others)
    for place, option in enumerate(block.options):
        yield f"- {_option(asking, place, option)}"


def _option(asking: Asking, place: int, option: Option) -> str:
    label = with_short_fields(option.label)
    usual = usual_value(asking, place, option.label)
    value = None if _same([usual], [option.value]) else _spelled(option.value)
    return join_label(label, value, option.go_to)


def _spelled(value: Value) -> str:
    is_word = isinstance(value, str) and BARE.fullmatch(value)
    return str(value) if is_word else spell(value)


def _condition(condition: ShowIf, asked: Block) -> str:
    words = []
    for value in condition.values:
        word = str(value)
        means_it = BARE.fullmatch(word) and _same([value_meant(word, asked)], [value])
        words.append(word if means_it else spell(value))
    return f"[if {condition.block} {_SIGNS[condition.test]} {' or '.join(words)}]"


def _same(one: Sequence[Value], other: Sequence[Value]) -> bool:
    """Whether they are equal and of one type: True is no 1."""
    return [(type(each), each) for each in one] == [(type(each), each) for each in other]
