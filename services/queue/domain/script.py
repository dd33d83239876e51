"""The script of a phone bank: what makes one fit to publish, and how names go into its words."""

import re
from collections.abc import Mapping, Sequence
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
_MERGE = re.compile(r"\{([^{}]*)\}")
_CHOICES_MIN = 2

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5_000)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")]
Value = str | int | bool
Kind = Literal["text", "choice", "scale", "yes_no", "number", "free_text"]


class Option(BaseModel):
    """One answer that may be tapped."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Value
    label: Text


class ShowIf(BaseModel):
    """The block is shown only after this answer to an earlier one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    block: Name
    value: Value


class Block(BaseModel):
    """A text to say, or a question. `meaning` says what an answer counts as."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Name
    kind: Kind
    text: Text
    options: tuple[Option, ...] = Field(default=(), max_length=30)
    meaning: Literal["support", "volunteer"] | None = None
    show_if: ShowIf | None = None

    @model_validator(mode="after")
    def _its_answers_fit_its_kind(self) -> Self:
        values = [str(option.value) for option in self.options]
        if len(set(values)) < len(values):
            raise ValueError("give each option a value of its own")
        if self.kind in {"choice", "scale"} and len(values) < _CHOICES_MIN:
            raise ValueError(f"a {self.kind} needs at least two options")
        if self.kind in {"text", "number", "free_text"} and values:
            raise ValueError(f"a {self.kind} has no options")
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
    """A script. Who pays for the call is always said, and every ending thanks the voter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    blocks: tuple[Block, ...] = Field(min_length=1, max_length=100)
    thanks: Text
    paid_for_by: Text
    coaching: Text | None = None
    candidate_site: (
        Annotated[str, StringConstraints(pattern=r"^https://\S+$", max_length=500)] | None
    ) = None

    @model_validator(mode="after")
    def _its_blocks_fit_each_other(self) -> Self:
        earlier: dict[str, Block] = {}
        meanings = [block.meaning for block in self.blocks if block.meaning]
        if len(set(meanings)) < len(meanings):
            raise ValueError("only one question may mean support, and one volunteer")
        for block in self.blocks:
            if block.id in earlier:
                raise ValueError(f"two blocks are named {block.id}")
            if block.show_if is not None:
                _check_condition(block, earlier)
            earlier[block.id] = block
        return self

    @model_validator(mode="after")
    def _its_fields_are_known(self) -> Self:
        for text in self._texts():
            for field in _MERGE.findall(text):
                name = field.partition("|")[0]
                if name not in FIELDS:
                    known = ", ".join(sorted(FIELDS))
                    raise ValueError(f"{{{name}}} is no field; there are {known}")
        return self

    def _texts(self) -> Sequence[str]:
        labels = [option.label for block in self.blocks for option in block.options]
        said = [block.text for block in self.blocks]
        return [*said, *labels, self.thanks, self.paid_for_by, self.coaching or ""]

    def question(self, meaning: Literal["support", "volunteer"]) -> str | None:
        """The id of the block whose answer means support, or that somebody volunteers."""
        return next((block.id for block in self.blocks if block.meaning == meaning), None)


def _check_condition(block: Block, earlier: Mapping[str, Block]) -> None:
    assert block.show_if is not None  # noqa: S101 - the caller has looked.
    asked = earlier.get(block.show_if.block)
    if asked is None or asked.kind == "text":
        raise ValueError(
            f"{block.id} depends on {block.show_if.block}, which is no question before it"
        )
    values = {str(option.value) for option in asked.options}
    if asked.options and str(block.show_if.value) not in values:
        raise ValueError(f"{block.id} waits for an answer that {asked.id} does not offer")


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
        self._plain = not any(_MERGE.search(text) for text in shape._texts())  # noqa: SLF001 - same module.

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
        }
