"""The made-up voter file: real layout, fictional numbers, shared lines, faults that are refused."""

from collections import Counter
from pathlib import Path

import pytest

from deploy.demo.voter_file import Export, write_export
from services.voters.domain.companions import read_election_map
from services.voters.domain.layout import recognise
from services.voters.domain.phones import is_fictional
from services.voters.domain.voter import ParsedVoter, RejectedRow
from services.voters.domain.voter_file import Row, read_rows


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    return write_export(tmp_path_factory.mktemp("demo") / "DEMO FVE 20260930.txt")


@pytest.fixture(scope="module")
def rows(export: Export) -> list[Row]:
    with export.files[0].open("rb") as file:
        return list(read_rows(file, recognise(file.read(65_536))))


def _voters(rows: list[Row]) -> list[ParsedVoter]:
    return [row for row in rows if isinstance(row, ParsedVoter)]


def test_the_export_is_read_back_as_it_was_told(export: Export, rows: list[Row]) -> None:
    voters = _voters(rows)
    lines = Counter(phone.e164 for voter in voters for phone in voter.phones)
    assert (export.rows, export.rejected) == (5_000, 20)
    assert len(rows) == export.rows
    assert sum(isinstance(row, RejectedRow) for row in rows) == export.rejected
    assert len(voters) == export.voters == len({voter.state_voter_id for voter in voters})
    assert len(lines) == export.lines
    assert sum(count > 1 for count in lines.values()) == export.shared_lines
    assert sum(not voter.phones for voter in voters) == export.without_phone


def test_it_is_refused_for_several_reasons(rows: list[Row]) -> None:
    reasons = {row.reason for row in rows if isinstance(row, RejectedRow)}
    assert len(reasons) == 5


def test_every_line_is_fiction(rows: list[Row]) -> None:
    assert all(is_fictional(phone.e164) for voter in _voters(rows) for phone in voter.phones)


def test_lines_are_shared_as_in_life(export: Export, rows: list[Row]) -> None:
    assert 0.30 < export.shared_lines / export.lines < 0.40
    blank = sum(not voter.phones and not voter.flaws for voter in _voters(rows))
    assert 0.12 < blank / export.voters < 0.18
    households = Counter(
        (phone.e164, voter.address_key) for voter in _voters(rows) for phone in voter.phones
    )
    assert len(households) == export.lines
    assert max(households.values()) == 3


def test_some_numbers_are_dirty(rows: list[Row]) -> None:
    reasons = {flaw.reason for voter in _voters(rows) for flaw in voter.flaws}
    assert len(reasons) >= 3


def test_people_are_of_age_and_registered_after_it(rows: list[Row]) -> None:
    for voter in _voters(rows):
        assert voter.birth_date
        assert voter.registered_on
        assert voter.registered_on.year - voter.birth_date.year >= 18


def test_the_side_files_stand_beside_it(export: Export) -> None:
    names = [file.name for file in export.files]
    assert names == [
        "DEMO FVE 20260930.txt",
        "DEMO Election Map 20260930.txt",
        "DEMO Zone Codes 20260930.txt",
        "DEMO Zone Types 20260930.txt",
    ]
    elections = read_election_map(export.files[1].read_text(encoding="utf-8"))
    assert elections["NORTHAMPTON"]["election_4"] == "2024-11-05/general"


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, export: Export) -> None:
    again, other = tmp_path / "again.txt", tmp_path / "other.txt"
    write_export(again)
    write_export(other, seed=7)
    assert again.read_bytes() == export.files[0].read_bytes()
    assert other.read_bytes() != again.read_bytes()


def test_a_small_file_has_exactly_its_rows(tmp_path: Path) -> None:
    written = write_export(tmp_path / "small.txt", rows=7)
    assert (written.rows, written.rejected, written.voters) == (7, 0, 7)
    assert len((tmp_path / "small.txt").read_bytes().splitlines()) == 7


def test_beyond_the_numbers_of_fiction_there_is_no_phone(tmp_path: Path) -> None:
    written = write_export(tmp_path / "large.txt", rows=66_000)
    assert 35_000 < written.lines <= 35_900
