"""Phones as files write them: dialed, split, kept apart from their extension, or refused."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.voters.domain.phones import Phone, PhoneFault, is_fictional, normalise, read_phones


@pytest.mark.parametrize(
    ("text", "e164", "extension"),
    [
        ("6105550147", "+16105550147", ""),
        ("(610) 555-0147", "+16105550147", ""),
        ("  610.555.0147 ", "+16105550147", ""),
        ("+1 610 555 0147", "+16105550147", ""),
        ("16105550147", "+16105550147", ""),
        ("1-484-555-0163 x2", "+14845550163", "2"),
        ("484-555-0163 ext. 0042", "+14845550163", "0042"),
        ("484 555 0163 #9", "+14845550163", "9"),
        ("787-555-0123", "+17875550123", ""),
    ],
)
def test_a_number_is_made_dialable(text: str, e164: str, extension: str) -> None:
    assert normalise(text) == (e164, extension)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", PhoneFault.BLANK),
        (" - ", PhoneFault.BLANK),
        ("000-000-0000", PhoneFault.PLACEHOLDER),
        ("9999999999", PhoneFault.PLACEHOLDER),
        ("(555) 555-5555", PhoneFault.PLACEHOLDER),
        ("1234567890", PhoneFault.PLACEHOLDER),
        ("540-000-0000", PhoneFault.PLACEHOLDER),
        ("5550142", PhoneFault.NO_AREA_CODE),
        ("216-55-0142", PhoneFault.TOO_SHORT),
        ("610555014799", PhoneFault.TOO_LONG),
        ("610-555-CALL", PhoneFault.LETTERS),
        ("call my son", PhoneFault.LETTERS),
        ("110 555 0100", PhoneFault.NOT_IN_USE),
        ("610 155 0100", PhoneFault.NOT_IN_USE),
        ("+44 20 7946 0018", PhoneFault.FOREIGN),
        ("416-555-0123", PhoneFault.FOREIGN),
        ("800-555-0123", PhoneFault.NOT_A_PERSONS),
        ("900-555-0123", PhoneFault.NOT_A_PERSONS),
    ],
)
def test_what_cannot_be_dialed_is_refused_with_its_reason(text: str, fault: PhoneFault) -> None:
    assert normalise(text) is fault


@given(st.integers(min_value=2_000_000_000, max_value=9_999_999_999))
def test_a_number_passes_only_if_the_library_calls_it_valid(number: int) -> None:
    reading = normalise(str(number))
    passed = not isinstance(reading, PhoneFault)
    valid = phonenumbers.is_valid_number(phonenumbers.parse(f"+1{number}"))
    assert valid or not passed
    assert reading is not PhoneFault.NOT_IN_USE or not valid


def test_two_numbers_in_one_cell_are_two_phones() -> None:
    phones, faults = read_phones("(740) 555-0101/(740) 555-0102 x7; 0000000000", "cell")
    assert phones == (Phone("+17405550101", "", "cell"), Phone("+17405550102", "7", "cell"))
    assert faults == (PhoneFault.PLACEHOLDER,)


def test_a_blank_cell_is_neither_a_phone_nor_a_fault() -> None:
    assert read_phones("  ") == ((), ())


@pytest.mark.parametrize(
    ("e164", "fictional"),
    [
        ("+16105550100", True),
        ("+12125550199", True),
        ("+16105550200", False),
        ("+16105560100", False),
        ("+161055501001", False),
        ("6105550100", False),
    ],
)
def test_only_555_0100_to_0199_is_fiction(e164: str, fictional: bool) -> None:  # noqa: FBT001 - a table
    assert is_fictional(e164) is fictional
