"""Scripts of every shape, made up for properties; each is fit to be published."""

from typing import Any

from hypothesis import strategies as st

_WORDS = st.sampled_from(
    [
        "Hello",
        "# 1",
        "? why",
        "- no",
        "-> end",
        "\\",
        "\\\\",
        "[if support = 1]",
        "@name",
        "a = b",
        "x -> y",
        '"quoted"',
        "(see)",
        "{voter.first_name|there}",
        "{voter.city}",
        "{candidate}",
        "{caller.first_name|a|b}",
        " ",
        "\n",
        "\n\n",
        "\r\n",
        "\t",
        "\x1c",
        "\u2028",
        "→",
        "é",
        "Thanks",
        "]",
        "|",
    ]
)
_SAID = st.lists(_WORDS, min_size=1, max_size=6).map(" ".join) | st.lists(
    _WORDS, min_size=1, max_size=6
).map("".join)
TEXTS = _SAID.filter(lambda text: bool(text.strip().strip("\x1c\u2028")))
TITLES = TEXTS.map(lambda text: text.replace("\n", " ").strip()).filter(bool)
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,8}", fullmatch=True)
VALUES = (
    st.sampled_from(["yes", "no", "true", "1", "schools", "a b", "]", ") or (", "é", "", "-"])
    | st.integers(-5, 10**12)
    | st.booleans()
)
_KINDS = (
    "text",
    "choice",
    "multiple_choice",
    "scale",
    "yes_no",
    "number",
    "date",
    "free_text",
    "call_back",
)


def _options(draw: Any, kind: str, later: list[str], *, support: bool) -> list[dict[str, Any]]:
    if kind not in {"choice", "multiple_choice", "scale", "yes_no"}:
        return []
    values = st.sampled_from(["0", "1", "2", "3", "4", "5"]) if support else VALUES
    least = 0 if kind == "yes_no" else 2
    chosen = draw(st.lists(values, min_size=least, max_size=6, unique_by=str))
    targets = st.sampled_from([None, "end", *later]) if kind != "multiple_choice" else st.none()
    return [{"value": each, "label": draw(TEXTS), "go_to": draw(targets)} for each in chosen]


def _condition(draw: Any, asked: list[dict[str, Any]]) -> dict[str, Any] | None:
    if not asked or draw(st.booleans()):
        return None
    block = draw(st.sampled_from(asked))
    is_counted = block["kind"] in {"scale", "number"}
    test = draw(st.sampled_from(["is", "is_not", *(["at_most", "at_least"] * is_counted)]))
    if test in {"at_most", "at_least"}:
        number: Any = draw(st.integers(-9, 99))
        return {"block": block["id"], "test": test, "value": draw(st.sampled_from([number, "7"]))}
    offered = [option["value"] for option in block["options"]]
    values = st.sampled_from(offered) if offered else VALUES
    several = draw(st.lists(values, min_size=1, max_size=3, unique_by=str))
    value = several if len(several) > 1 else several[0]
    return {"block": block["id"], "test": test, "value": value}


@st.composite
def scripts(draw: Any) -> dict[str, Any]:
    """A script as its JSON."""
    step_ids = draw(st.lists(NAMES.filter(lambda n: n != "end"), max_size=4, unique=True))
    ids = draw(st.lists(NAMES, min_size=1, max_size=8, unique=True))
    cuts = sorted(draw(st.integers(-1, len(step_ids) - 1)) for _ in ids)
    meanings = {"support", "volunteer"}
    blocks: list[dict[str, Any]] = []
    for id, place in zip(ids, cuts, strict=True):
        kind = draw(st.sampled_from(_KINDS))
        later = step_ids[place + 1 :]
        meaning = None
        if kind in {"scale", "choice"} and "support" in meanings and draw(st.booleans()):
            meaning = "support"
        if kind == "yes_no" and "volunteer" in meanings and draw(st.booleans()):
            meaning = "volunteer"
        meanings -= {meaning}
        asked = [each for each in blocks if each["kind"] not in {"text", "call_back"}]
        blocks.append(
            {
                "id": id,
                "kind": kind,
                "text": draw(TEXTS),
                "options": _options(draw, kind, later, support=meaning == "support"),
                "meaning": meaning,
                "show_if": _condition(draw, asked),
                "step": step_ids[place] if place >= 0 else None,
            }
        )
    return {
        "blocks": blocks,
        "steps": [
            {
                "id": id,
                "title": draw(TITLES),
                "then": draw(st.sampled_from([None, "end", *step_ids[place + 1 :]])),
            }
            for place, id in enumerate(step_ids)
        ],
        "thanks": draw(TEXTS),
        "paid_for_by": draw(TEXTS),
        "coaching": draw(st.none() | TEXTS),
        "candidate_site": draw(st.sampled_from([None, "https://marlowe.example.org/#x"])),
    }
