"""Writes docs/events.md from the declarations: `python -m deploy.catalogue [--check]`."""

import importlib
import sys
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from libs.events.base import Event, declared_events

PUBLISHERS = ("identity", "voters", "queue", "results", "gotv")
CATALOGUE = Path(__file__).parents[1] / "docs" / "events.md"
_HEAD = """# Events

Generated from `libs/events/` by `python -m deploy.catalogue`; `make check` fails when it is stale.

Every fact travels as a CloudEvents 1.0 message in Kafka's binary mode: the headers `ce_id`,
`ce_type`, `ce_source`, `ce_subject` (the stream), `ce_time`, `dataversion`, `streamversion` and
`position`, and the JSON below as the value. Facts hold ids, never a person's name, number, address
or words. Readers ignore fields they do not know.
"""


def load() -> None:
    """Import every publisher's public facts."""
    for publisher in PUBLISHERS:
        importlib.import_module(f"libs.events.{publisher}")


def catalogue() -> str:
    """The whole page as Markdown."""
    load()
    parts = [_HEAD]
    for publisher in PUBLISHERS:
        module = importlib.import_module(f"libs.events.{publisher}")
        parts.append(f"\n## `{module.TOPIC}`\n\n{_first_line(module.__doc__)}\n")
        for name, event in declared_events().items():
            if event.__module__ == module.__name__:
                parts.append(_entry(name, event))
    return "".join(parts)


def _entry(name: str, event: type[Event]) -> str:
    text = " ".join((event.__doc__ or "").split())
    lines = [f"\n### `{name}` version {event.VERSION}\n", f"{text} Kafka key: `{event.KEY}`.\n"]
    lines.append("| field | type |\n| --- | --- |")
    for field, declared in event.model_fields.items():
        optional = "" if declared.is_required() else ", optional"
        lines.append(f"| `{field}` | {_spell(declared.annotation)}{optional} |")
    return "\n".join(lines) + "\n"


def _spell(annotation: Any) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " \\| ".join(f'"{part}"' for part in parts)
    if origin in {Union, UnionType}:
        return " or ".join("null" if part is type(None) else _spell(part) for part in parts)
    if origin is tuple:
        return f"list of {_spell(parts[0])}"
    if origin is dict:
        return f"object of {_spell(parts[1])}"
    return {"str": "text", "int": "integer", "bool": "true or false", "Any": "anything"}.get(
        getattr(annotation, "__name__", str(annotation)),
        getattr(annotation, "__name__", str(annotation)),
    )


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]


def main() -> int:
    """Write the page, or with --check say whether it is fresh."""
    text = catalogue()
    if "--check" in sys.argv:
        fresh = CATALOGUE.exists() and CATALOGUE.read_text(encoding="utf-8") == text
        if not fresh:
            print("docs/events.md is stale: run `python -m deploy.catalogue`")  # noqa: T201
        return 0 if fresh else 1
    CATALOGUE.parent.mkdir(exist_ok=True)
    CATALOGUE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
