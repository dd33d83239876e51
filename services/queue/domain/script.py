"""The script of a phone bank: what makes one fit to publish, and how names go into its words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from services.queue.domain.errors import ScriptInvalid

FIELDS = frozenset({"voter.first_name", "voter.city", "caller.first_name", "candidate"})
SUPPORT_LEVELS = frozenset(str(level) for level in range(6))
# Said where the file has nothing and the script names no fallback.
FALLBACKS = {
    "voter.first_name": "there",
    "voter.city": "your town",
    "caller.first_name": "a volunteer",
    "candidate": "our candidate",
}
END = "end"
BLOCKS_MAX = 100
STEPS_MAX = 50
OPTIONS_MAX = 30
_MERGE = re.compile(r"\{([^{}]*)\}")
_CHOICES_MIN = 2

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5_000)]
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\n]*$")
]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")]
Value = str | int | bool
Values = Annotated[tuple[Value, ...], Field(min_length=2, max_length=OPTIONS_MAX)]
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
_OFFERING = frozenset({"choice", "multiple_choice", "scale"})
_BRANCHING = frozenset({"choice", "scale", "yes_no"})
_COUNTED = frozenset({"scale", "number"})
# Nobody answers a text, and the answer to a call-back is a promise, kept beside the answers.
_UNANSWERED = frozenset({"text", "call_back"})


class Unfit(ValueError):
    """Something of the script does not fit; `place` is the id of the block or step it is in."""

    def __init__(self, sentence: str, place: str = "") -> None:
        super().__init__(sentence)
        self.place = place


class Option(BaseModel):
    """One answer that may be tapped. `go_to` is the step that follows it, or "end"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Value
    label: Text
    go_to: Name | None = None


class ShowIf(BaseModel):
    """The block is shown only after such an answer to an earlier one.

    `value` is one answer or several, any of which will do. "at_most" and "at_least" compare
    numbers; 0, would not say, is no level of support and meets neither.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    block: Name
    value: Value | Values
    test: Literal["is", "is_not", "at_most", "at_least"] = "is"

    @property
    def values(self) -> tuple[Value, ...]:
        """The answers, one or several."""
        return self.value if isinstance(self.value, tuple) else (self.value,)


class Step(BaseModel):
    """A part of the script. After it comes the next one, or the one that `then` names, or "end"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Name
    title: Title
    then: Name | None = None


class Block(BaseModel):
    """A text to say, or a question. `meaning` says what an answer counts as."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Name
    kind: Kind
    text: Text
    options: tuple[Option, ...] = Field(default=(), max_length=OPTIONS_MAX)
    meaning: Literal["support", "volunteer"] | None = None
    show_if: ShowIf | None = None
    step: Name | None = None

    @model_validator(mode="after")
    def _its_answers_fit_its_kind(self) -> Self:
        values = [str(option.value) for option in self.options]
        if len(set(values)) < len(values):
            raise ValueError("give each option a value of its own")
        if self.kind in _OFFERING and len(values) < _CHOICES_MIN:
            raise ValueError(f"a {self.kind} needs at least two options")
        if self.kind not in _OFFERING and self.kind != "yes_no" and values:
            raise ValueError(f"a {self.kind} has no options")
        if self.kind not in _BRANCHING and any(option.go_to for option in self.options):
            raise ValueError(f"a {self.kind} leads nowhere: only one answer can name what follows")
        if self.meaning == "support" and (
            self.kind not in {"choice", "scale"} or not set(values) <= SUPPORT_LEVELS
        ):
            raise ValueError(
                "support is a scale or choice with values 1 to 5, and 0: would not say"
            )
        if self.meaning == "volunteer" and self.kind != "yes_no":
            raise ValueError("whether somebody volunteers is a yes_no")
        return self


class Script(BaseModel):
    """A script. Who pays for the call is always said, and every ending thanks the voter.

    `steps` are in order, and lead forward only; blocks without one come before the first.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    blocks: tuple[Block, ...] = Field(min_length=1, max_length=BLOCKS_MAX)
    thanks: Text
    paid_for_by: Text
    coaching: Text | None = None
    candidate_site: (
        Annotated[str, StringConstraints(pattern=r"^https://\S+$", max_length=500)] | None
    ) = None
    steps: tuple[Step, ...] = Field(default=(), max_length=STEPS_MAX)

    @model_validator(mode="after")
    def _its_blocks_fit_each_other(self) -> Self:
        earlier: dict[str, Block] = {}
        meanings = [block.meaning for block in self.blocks if block.meaning]
        if len(set(meanings)) < len(meanings):
            twice = [block.id for block in self.blocks if block.meaning][-1]
            raise Unfit("only one question may mean support, and one volunteer", twice)
        for block in self.blocks:
            if block.id in earlier:
                raise Unfit(f"two blocks are named {block.id}", block.id)
            if block.show_if is not None:
                _check_condition(block, block.show_if, earlier)
            earlier[block.id] = block
        return self

    @model_validator(mode="after")
    def _its_steps_lead_forward(self) -> Self:
        places = {step.id: place for place, step in enumerate(self.steps)}
        if len(places) < len(self.steps) or END in places:
            raise Unfit(f"name each step once, and none of them {END}", self.steps[-1].id)
        here = -1
        for block in self.blocks:
            place = -1 if block.step is None else places.get(block.step)
            if place is None or place < here:
                raise Unfit(f"{block.id} is out of the order of the steps", block.id)
            here = place
            for option in block.options:
                _check_target(option.go_to, block.id, here, places)
        for place, step in enumerate(self.steps):
            _check_target(step.then, step.id, place, places)
        return self

    @model_validator(mode="after")
    def _its_fields_are_known(self) -> Self:
        for place, text in self.texts():
            for field in merge_fields(text):
                name = field.partition("|")[0]
                if name not in FIELDS:
                    known = ", ".join(sorted(FIELDS))
                    raise Unfit(f"{{{name}}} is no field; there are {known}", place)
        return self

    def texts(self) -> Iterator[tuple[str, str]]:
        """All that is read out or read, each with the id of its block or the name of its part."""
        for block in self.blocks:
            yield block.id, block.text
            for option in block.options:
                yield block.id, option.label
        yield "thanks", self.thanks
        yield "paid_for_by", self.paid_for_by
        yield "coaching", self.coaching or ""

    def question(self, meaning: Literal["support", "volunteer"]) -> str | None:
        """The id of the block whose answer means support, or that somebody volunteers."""
        return next((block.id for block in self.blocks if block.meaning == meaning), None)


def merge_fields(text: str) -> Sequence[str]:
    """The fields of a text, with their fallbacks."""
    return _MERGE.findall(text)


def _check_condition(block: Block, condition: ShowIf, earlier: Mapping[str, Block]) -> None:
    asked = earlier.get(condition.block)
    if asked is None or asked.kind in _UNANSWERED:
        raise Unfit(
            f"{block.id} depends on {condition.block}, which is no question before it", block.id
        )
    if condition.test in {"at_most", "at_least"}:
        if asked.kind not in _COUNTED and asked.meaning != "support":
            raise Unfit(f"{block.id} compares {asked.id}, which is no scale or number", block.id)
        if len(condition.values) > 1 or not re.fullmatch(r"-?\d{1,9}", str(condition.value)):
            raise Unfit(
                f"{block.id} compares {asked.id} with something that is no number", block.id
            )
        return
    values = {str(option.value) for option in asked.options}
    if asked.options and not {str(value) for value in condition.values} <= values:
        raise Unfit(f"{block.id} waits for an answer that {asked.id} does not offer", block.id)


def _check_target(target: str | None, place: str, here: int, places: Mapping[str, int]) -> None:
    if target in (None, END):
        return
    there = places.get(target or "")
    if there is None:
        raise Unfit(f"{place} leads to {target}, which is no step", place)
    if there <= here:
        raise Unfit(f"{place} leads back to {target}; steps lead forward only", place)


def validate(script: Mapping[str, Any]) -> dict[str, Any]:
    """The script in its stored form. Raises ScriptInvalid, naming the place."""
    return parse(script).model_dump(mode="json")


def parse(script: Mapping[str, Any]) -> Script:
    """The script as a shape. Raises ScriptInvalid, naming the place."""
    try:
        return Script.model_validate(script)
    except ValidationError as error:
        faults = [
            f"{'.'.join(str(part) for part in fault['loc']) or 'script'}: {fault['msg']}"
            for fault in error.errors(include_url=False)
        ]
        raise ScriptInvalid("; ".join(faults[:5])) from error


class MergedScript:
    """A version of a script, taken apart once so that every hand-out only fills in the names."""

    def __init__(self, version: int, script: Mapping[str, Any]) -> None:
        shape = parse(script)
        self.version = version
        self.support_question = shape.question("support")
        self.volunteer_question = shape.question("volunteer")
        self._whole = shape.model_dump(mode="json")
        self._plain = not any(_MERGE.search(text) for _, text in shape.texts())

    def filled(self, values: Mapping[str, str | None]) -> dict[str, Any]:
        """The script as one caller reads it to one voter; `values` are by field name."""
        whole = self._whole
        if self._plain:
            return {"version": self.version, **whole}

        def fill(match: re.Match[str]) -> str:
            name, _, fallback = match[1].partition("|")
            return values.get(name) or fallback or FALLBACKS[name]

        def said(text: str) -> str:
            return _MERGE.sub(fill, text) if "{" in text else text

        blocks = [
            block
            | {
                "text": said(block["text"]),
                "options": [
                    option | {"label": said(option["label"])} for option in block["options"]
                ],
            }
            for block in whole["blocks"]
        ]
        return {
            "version": self.version,
            "blocks": blocks,
            "thanks": said(whole["thanks"]),
            "paid_for_by": said(whole["paid_for_by"]),
            "coaching": said(whole["coaching"]) if whole["coaching"] else None,
            "candidate_site": whole["candidate_site"],
            "steps": whole["steps"],
        }
