"""What the documents say is there: links, files, commands, contracts, libraries."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SECTIONS = ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"]
FOLDERS = ("bench", "deploy", "docs", "libs", "services", "tests")

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
_MODULE = re.compile(r"python3? -m ((?:bench|deploy|services)[\w.]*)")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


documents = pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
decisions = pytest.mark.parametrize("path", DECISIONS, ids=name_of)


def anchors(path: Path) -> set[str]:
    """The headings of a page as GitHub makes them addresses."""
    headings = re.findall(r"^#+ (.+)$", text_of(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def named_files(text: str) -> Iterator[str]:
    """What stands in backticks and is a path of ours, patterns and placeholders left out."""
    for code in _CODE.findall(text):
        if code.startswith(tuple(f"{folder}/" for folder in FOLDERS)) and not re.search(
            r"[<>*{ ]", code
        ):
            yield code


@documents
def test_links_lead_somewhere(path: Path) -> None:
    for target in _LINK.findall(text_of(path)):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        page = (path.parent / file).resolve() if file else path
        assert page.exists(), f"{target} is not there"
        if anchor:
            assert anchor in anchors(page), f"{target}: no such heading"


@documents
def test_files_that_are_named_exist(path: Path) -> None:
    for named in named_files(text_of(path)):
        assert (ROOT / named).exists(), f"{named} is not there"


@documents
def test_commands_that_are_named_exist(path: Path) -> None:
    text = text_of(path)
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    quoted = [
        *_CODE.findall(text),
        *re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL),
    ]
    commands = {name for each in quoted for name in _MAKE.findall(each)}
    assert commands <= targets, f"make knows no {', '.join(sorted(commands - targets))}"
    for module in _MODULE.findall(text):
        place = ROOT / module.replace(".", "/")
        runs = place.with_suffix(".py").exists() or (place / "__main__.py").exists()
        assert runs, f"python -m {module} does nothing"


def test_the_first_commands_of_the_readme_are_the_two() -> None:
    """A friend who is shown this needs no more."""
    first = re.search(
        r"^```console\n(.*?)^```", text_of(ROOT / "README.md"), re.MULTILINE | re.DOTALL
    )
    assert first is not None
    assert _MAKE.findall(first[1]) == ["demo", "test"]


@decisions
def test_a_decision_has_its_sections_in_order(path: Path) -> None:
    text = text_of(path)
    assert re.findall(r"^\*\*([^*]+)\.\*\* \S", text, re.MULTILINE) == SECTIONS
    assert re.match(rf"# {path.name[:4]} · \S", text), "the title starts with the number"
    assert re.search(r"^\*\*Decision\.\*\* \*\*.+\.\*\*$", text, re.MULTILINE), "one bold sentence"


@decisions
def test_a_decision_is_enforced_by_something_that_is_there(path: Path) -> None:
    enforced = text_of(path).partition("**Enforced by.**")[2]
    contracts = set(re.findall(r"^name = (.+)$", text_of(ROOT / ".importlinter"), re.MULTILINE))
    named = set(re.findall(r'"([A-Z][^"]+)"', enforced))
    assert named <= contracts, f"no such import contract: {named - contracts}"
    tests = [each for each in named_files(enforced) if each.startswith("tests/")]
    assert all((ROOT / each).is_file() for each in tests), "name the file, not its folder"
    assert tests or named, "name a test or a contract"


def test_decisions_are_numbered_without_holes() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


def direct_dependencies() -> set[str]:
    """What requirements.in asks for, as the table spells it."""
    lines = text_of(ROOT / "requirements.in").splitlines()
    return {
        re.split(r"[=<>;\[ ]", line)[0].lower()
        for line in lines
        if line and not line.startswith(("#", "-"))
    }


def libraries_of_the_table() -> dict[str, str]:
    """The README's table: a library, and the reason it is there."""
    table = text_of(ROOT / "README.md").partition("## Dependencies")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split("|") for line in table.splitlines() if line.startswith("| ")]
    return {
        name.strip().lower(): row[-1].strip()
        for row in rows[2:]
        for name in re.sub(r"\(.*?\)", "", row[0]).split(",")
    }


def test_every_dependency_is_in_the_table_with_its_reason() -> None:
    table = libraries_of_the_table()
    assert direct_dependencies() <= set(table), direct_dependencies() - set(table)
    assert all(len(reason) > len("it is good") for reason in table.values()), table


def test_the_table_names_nothing_that_left() -> None:
    asked = text_of(ROOT / "requirements.in") + text_of(ROOT / "requirements-dev.in")
    vendored = text_of(ROOT / "libs/chassis/pages/static/vendor/README.md").lower()
    locked = text_of(ROOT / "requirements.txt")
    for name in libraries_of_the_table():
        there = name in asked.lower() or f"\n{name}==" in locked or name in vendored
        assert there, f"{name} is in the table and nowhere else"


def test_every_service_is_in_the_readme() -> None:
    services = {path.parent.name for path in ROOT.glob("services/*/app.py")}
    rows = set(re.findall(r"^\| (\w+) \|", text_of(ROOT / "README.md"), re.MULTILINE))
    assert services <= rows
