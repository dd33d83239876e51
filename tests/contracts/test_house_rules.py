"""Rules of the house that no linter knows, each about the text of the code."""

import ast
import queue
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
BANNED_NAMES = {"utils", "helpers", "common", "core", "manager", "service", "handler", "data"}
CLOCK_CALLS = {"now", "utcnow", "today"}
# Where the time may be asked for: the clock itself, and processes that measure or make things up.
CLOCK_HOMES = ("libs/chassis/clock.py", "libs/eventstore/relay.py", "deploy/", "bench/", "tests/")


def modules() -> Iterator[Path]:
    for folder in ("libs", "services", "deploy", "tests", "bench"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT)


def tree_of(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


ALL = list(modules())
CODE = [path for path in ALL if path.parts[0] in {"libs", "services"}]


@pytest.mark.parametrize("path", ALL, ids=str)
def test_files_and_functions_stay_short(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert text.count("\n") <= FILE_LINES_MAX, "split the file at its next noun"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES_MAX, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", ALL, ids=str)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree_of(path)), "the first line says what the module is for"


@pytest.mark.parametrize("path", CODE, ids=str)
def test_nothing_is_imported_inside_a_function(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            hidden = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
            assert not hidden, f"{node.name} hides an import"


@pytest.mark.parametrize("path", CODE, ids=str)
def test_no_file_or_folder_is_named_for_a_role_that_grows_forever(path: Path) -> None:
    assert not BANNED_NAMES & {part.removesuffix(".py") for part in path.parts}


@pytest.mark.parametrize(
    "path", [path for path in ALL if not str(path).startswith(CLOCK_HOMES)], ids=str
)
def test_only_the_clock_asks_for_the_time(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            named = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            asks = node.func.attr in CLOCK_CALLS and named in {"datetime", "date"}
            assert not asks, f"line {node.lineno}: the time arrives as an argument"


@pytest.mark.parametrize("path", [p for p in ALL if p.name.startswith("test_")], ids=str)
def test_no_test_sleeps(path: Path) -> None:
    """Waiting is done by `eventually`, which has a deadline and says what it saw."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            sleeps = node.func.attr == "sleep" and node.args
            zero = sleeps and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
            assert not sleeps or zero, f"line {node.lineno} sleeps"


def test_environment_is_read_by_settings_only() -> None:
    for path in CODE:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert "os.environ" not in text, path
        assert "getenv" not in text, path


def test_pickle_never_enters() -> None:
    for path in CODE:
        assert not re.search(r"\bpickle\b", (ROOT / path).read_text(encoding="utf-8")), path


def test_the_standard_librarys_queue_is_the_one_imported() -> None:
    """`services/` on sys.path would put our `queue` in its place."""
    assert hasattr(queue, "SimpleQueue")
