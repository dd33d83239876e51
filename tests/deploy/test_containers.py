"""The containers' checks of health: they tell a worker that stands still from one that works."""

import http.server
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from deploy.containers import answers, database, reading
from deploy.embedded.watchdog import Positions, Sight

PARTITION = TopicPartition("queue.events", 3)


def positions(committed: int, end: int, *, steady: bool = True) -> Positions:
    return Positions(steady, {PARTITION: (committed, end)})


def looked(*sights: tuple[float, Positions], lived_seconds: float = 500.0) -> list[str]:
    """What the last of several looks, at these seconds, calls standing still."""
    marks: reading.Marks = {}
    still: list[str] = []
    for at_seconds, seen in sights:
        marks, still = reading.judge(
            marks,
            seen,
            at_seconds=at_seconds,
            run=7,
            lived_seconds=lived_seconds,
            worked_seconds=0.0,
        )
    return still


def test_a_lag_that_grows_between_two_looks_is_standing_still() -> None:
    assert looked((0, positions(10, 12)), (30, positions(10, 90))) == [
        "queue.events/3, 80 facts behind"
    ]


def test_a_worker_that_commits_or_has_nothing_to_do_is_well() -> None:
    assert looked((0, positions(10, 12)), (30, positions(11, 90))) == []
    assert looked((0, positions(12, 12)), (30, positions(12, 12))) == []


def test_a_young_one_that_has_not_joined_is_given_a_minute() -> None:
    young = ((0, positions(0, 2, steady=False)), (30, positions(0, 9, steady=False)))
    assert looked(*young, lived_seconds=30) == []
    assert looked(*young, (60, positions(0, 9, steady=False)), lived_seconds=60) != []


def test_what_was_seen_is_kept_between_looks_and_a_damaged_file_is_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "marks"
    assert reading.read_marks(file) == {}
    file.write_text("{half", encoding="utf-8")
    assert reading.read_marks(file) == {}
    marks = {"queue.events/3": Sight(1.5, 7, steady=True, committed=1, end=2)}
    reading.write_marks(file, marks)
    assert reading.read_marks(file) == marks


def test_without_a_worker_beside_it_the_check_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert reading.main("nobody") == 1
    assert "no worker" in capsys.readouterr().out


class Door(http.server.BaseHTTPRequestHandler):
    """Answers 200 at /well and 503 elsewhere."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/well" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


def test_a_door_that_says_503_or_nothing_is_not_well(url: str) -> None:
    assert answers.main(f"{url}/well") == 0
    assert answers.main(f"{url}/ill") == 1
    assert answers.main("http://127.0.0.1:9/closed") == 1


async def test_a_database_that_is_not_there_is_not_well(mongodb_url: str) -> None:
    assert await database.answers(mongodb_url)
    assert not await database.answers("mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200")


def test_the_checks_that_run_often_bring_little_along() -> None:
    """Every ten seconds in eight containers: only what comes with Python."""
    source = Path(answers.__file__).read_text(encoding="utf-8")
    lines = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    imported = {line.split()[1].partition(".")[0] for line in lines}
    assert imported <= sys.stdlib_module_names
