"""`make clean-data` forgets the demo's data and nothing else, and nothing while the demo runs."""

import fcntl
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = ("kafka/log", "mongodb/wt", "mail/messages.jsonl", "logs/relay.log")
KEPT = ("secrets.json", "accounts.json", ".lock")
FOREIGN = ("notes.txt", "kafka.backup/log")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder in which a demo ran, with things of somebody else beside."""
    folder = tmp_path / "da ta"
    for name in (*DATA, *KEPT, *FOREIGN):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def files(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}


def clean(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  the checkout's own make.
        ["make", "--no-print-directory", "clean-data", f"DATA_DIR={folder}"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_data_is_forgotten_and_nothing_beside_it(data: Path) -> None:
    assert clean(data).returncode == 0
    assert files(data) == set(FOREIGN)
    assert clean(data).returncode == 0


def test_nothing_is_forgotten_while_the_demo_runs(data: Path) -> None:
    before = files(data)
    with (data / ".lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused = clean(data)
    assert refused.returncode != 0
    assert "Stop it first" in refused.stdout
    assert files(data) == before
