"""Voter files, row by row: broken rows, reading on from a cursor, recognising a layout."""

import io
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.voters.domain.companions import join, read_election_map, read_zone_types
from services.voters.domain.layout import Layout, UnknownLayout, recognise
from services.voters.domain.profiles.pennsylvania import PENNSYLVANIA
from services.voters.domain.voter import Cursor, ParsedVoter, RejectedRow
from services.voters.domain.voter_file import MAX_ROW_BYTES, Row, RowReader, read_rows

FILES = Path(__file__).parent / "files"
LEHIGH = "LEHIGH FVE 20240930.txt"
OHIO = "SWVF_1_22.txt"
VAN = "van_list_export.csv"


def test_the_side_files_name_elections_and_districts() -> None:
    elections = (FILES / "LEHIGH Election Map 20240930.txt").read_text(encoding="utf-8")
    zones = (FILES / "LEHIGH Zone Types 20240930.txt").read_text(encoding="utf-8")
    names = join(read_election_map(elections), read_zone_types(zones))
    data = (FILES / LEHIGH).read_bytes()
    voter = next(read_rows([data], recognise(data), names=names))
    assert isinstance(voter, ParsedVoter)
    assert voter.votes[-1] == ("2022-11-08/general", "absentee", "D")
    assert {name for name, _ in voter.districts} == {
        "precinct", "school", "state_house", "state_senate", "congress", "county",
    }  # fmt: skip


# Reading on, and reading in pieces


@pytest.mark.parametrize("name", [LEHIGH, OHIO, VAN])
def test_reading_on_from_any_cursor_gives_the_rest(name: str) -> None:
    data = (FILES / name).read_bytes()
    layout = recognise(data)
    whole = list(read_rows(io.BytesIO(data), layout))
    for n, row in enumerate(whole, start=1):
        rest = list(read_rows(io.BytesIO(data), layout, row.cursor))
        assert list(read_rows([data[row.cursor.offset :]], layout, row.cursor)) == rest
        assert rest == whole[n:]
        assert [each.row for each in rest] == [each.row for each in whole[n:]]
    assert whole[-1].cursor == Cursor(len(data), 26)


@given(
    name=st.sampled_from([LEHIGH, OHIO, VAN]),
    cuts=st.lists(st.integers(min_value=0, max_value=17_000), max_size=12),
)
def test_where_the_bytes_are_cut_does_not_matter(name: str, cuts: list[int]) -> None:
    data = (FILES / name).read_bytes()
    edges = [0, *sorted(cuts), len(data)]
    chunks = [data[start:end] for start, end in pairwise(edges)]
    layout = recognise(data)
    assert list(read_rows(chunks, layout)) == list(read_rows([data], layout))


def test_a_byte_order_mark_and_line_ends_of_either_kind_are_no_matter() -> None:
    data = (FILES / LEHIGH).read_bytes()
    plain = list(read_rows([data], recognise(data)))
    marked = b"\xef\xbb\xbf" + data.replace(b"\r\n", b"\n")
    assert list(read_rows([marked], recognise(marked))) == plain


def test_a_last_row_without_a_line_end_is_read() -> None:
    data = (FILES / LEHIGH).read_bytes().rstrip(b"\r\n")
    assert len(list(read_rows([data], recognise(data)))) == 25


# Broken rows, by hand


def _line(**values: str) -> bytes:
    cells = dict.fromkeys(PENNSYLVANIA.columns, "")
    cells |= {
        "ID Number": "990000001-39",
        "Last Name": "QUILLMERE",
        "First Name": "ODETTE",
        "Registration Date": "01/02/2003",
        "Voter Status": "A",
        "State": "PA",
        "County Name": "LEHIGH",
    }
    cells |= {name.replace("_", " "): value for name, value in values.items()}
    return ("\t".join(f'"{value}"' for value in cells.values()) + "\r\n").encode()


GOOD = _line()
LAYOUT = recognise(GOOD * 3)


def _read(*lines: bytes) -> list[Row]:
    return list(read_rows([b"".join(lines)], LAYOUT))


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        (GOOD.replace(b'\t"PA"', b""), "(row)", "153 columns where this file has 154"),
        (GOOD.replace(b'"PA"', b'"PA"\t"PA"'), "(row)", "155 columns"),
        (b"garbage\r\n", "(row)", "1 columns"),
        (_line(ID_Number=" "), "ID Number", "no ID Number"),
        (_line(Last_Name="", First_Name=" "), "Last Name", "neither a first nor a last name"),
        (_line(City="A\0B"), "(row)", "NUL"),
        (b"x" * (MAX_ROW_BYTES + 10) + b"\r\n", "(row)", "longer than"),
    ],
)
def test_a_broken_row_is_refused_with_its_number_and_reason_and_the_next_is_read(
    line: bytes, column: str, words: str
) -> None:
    first, refused, last = _read(GOOD, line, GOOD)
    assert isinstance(first, ParsedVoter)
    assert isinstance(refused, RejectedRow)
    assert (refused.row, refused.column) == (2, column)
    assert words in refused.reason
    assert last == first
    assert last.cursor == Cursor(2 * len(GOOD) + len(line), 4)


def test_what_can_be_repaired_is_kept_with_a_flaw() -> None:
    line = _line(Voter_Status="Q", Registration_Date="02/30/2003", Zip="1810", Home_Phone="hello")
    (voter,) = _read(line)
    assert isinstance(voter, ParsedVoter)
    assert voter.status == "unknown"
    assert (voter.registered_on, voter.zip5, voter.phones) == (None, "", ())
    assert {flaw.column for flaw in voter.flaws} == {
        "Voter Status", "Registration Date", "Zip", "Home Phone",
    }  # fmt: skip


def test_a_stray_quotation_mark_does_not_swallow_the_next_row() -> None:
    voters = _read(_line(City='THE "GAP'), GOOD, _line(City='"'), GOOD)
    assert [voter.city for voter in voters if isinstance(voter, ParsedVoter)] == [
        'THE "GAP', "", '"', "",
    ]  # fmt: skip


def test_a_line_break_inside_a_quoted_cell_belongs_to_the_cell() -> None:
    broken, after = _read(_line(Address_Line_2="REAR\r\nDOOR"), GOOD)
    assert isinstance(broken, ParsedVoter)
    assert broken.address_line_2 == "REAR DOOR"
    assert (after.row, after.cursor.row) == (2, 3)


def test_an_open_quotation_mark_between_commas_costs_one_row() -> None:
    data = (FILES / VAN).read_bytes().split(b"\r\n")
    data[3] = data[3].replace(b"Quillfeather", b'"Quillfeather')
    rows = list(read_rows([b"\r\n".join(data)], recognise(data[0] + b"\r\n")))
    refused = [row for row in rows if isinstance(row, RejectedRow)]
    assert [row.row for row in refused] == [3, 22]
    assert "quotation mark" in refused[0].reason
    assert len(rows) == 25


def test_a_file_of_153_columns_is_read_and_then_154_are_a_fault() -> None:
    older = GOOD.replace(b'\t""\r\n', b"\r\n")
    layout = recognise(older * 4)
    assert len(layout.columns) == 153
    outcome = list(read_rows([older + GOOD], layout))
    assert [type(row) for row in outcome] == [ParsedVoter, RejectedRow]


def test_memory_stays_bounded_while_a_line_has_no_end() -> None:
    reader = RowReader(LAYOUT)
    for _ in range(200):
        assert reader.feed(b"x" * 10_000) == []
        assert len(reader._rest) <= MAX_ROW_BYTES + 1
    (refused,) = reader.finish()
    assert isinstance(refused, RejectedRow)
    assert len(refused.raw) <= MAX_ROW_BYTES + 1
    assert refused.cursor.offset == 2_000_000


# Recognising


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        (LEHIGH, "pa-full-voter-export"),
        (OHIO, "oh-statewide-voter-file"),
        (VAN, "van-list-export"),
    ],
)
def test_a_layout_is_recognised_by_itself(name: str, profile: str) -> None:
    layout: Layout = recognise((FILES / name).read_bytes()[:4_000])
    assert layout.profile.name == profile


def test_van_columns_may_stand_in_any_order() -> None:
    data = b"LastName,Cell Phone, voter file vanid\r\nFerncombe,(610) 555-0110,123\r\n"
    (voter,) = read_rows([data], recognise(data))
    assert isinstance(voter, ParsedVoter)
    assert (voter.van_id, voter.phones[0].e164) == ("123", "+16105550110")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\xff\xfea\0b\0", "UTF-16"),
        (b"PK\x03\x04....", "packed or a workbook"),
        (b"name,zip,phone,colour\r\n", "4 columns separated by commas, beginning with “name”"),
        (b"no separator here\r\n", "no separator"),
    ],
)
def test_an_unknown_file_is_refused_and_told_what_was_seen(data: bytes, words: str) -> None:
    with pytest.raises(UnknownLayout, match=words):
        recognise(data)


def test_a_refusal_repeats_nobodys_name_or_number() -> None:
    with pytest.raises(UnknownLayout) as refusal:
        recognise(b"Ferncombe,Odette,Allentown,(610) 555-0110\r\n")
    assert "Ferncombe" not in str(refusal.value)
    assert "0110" not in str(refusal.value)
