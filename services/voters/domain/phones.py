"""A phone number as a voter file writes it, made into a line that can be dialed, or refused.

Uses the `phonenumbers` library, which is pure tables; nothing here asks a network. Whether a US
number is a cell cannot be derived from it: only a file's own column tells.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

_SEVERAL = re.compile(r"\s*(?:[/,;|]|\bor\b)\s*", re.IGNORECASE)
_EXTENSION = re.compile(r"(?:ext\.?|extension|x|#)\s*(\d{1,7})\s*$", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]")
_NOT_DIGITS = re.compile(r"\D")
_FICTIONAL = re.compile(r"\+1[2-9]\d\d55501\d\d")
_PLACEHOLDERS = frozenset({"1234567890", "0123456789", "9876543210"})
_COUNTRIES = frozenset({"US", "PR", "VI", "GU", "MP", "AS"})
_ORDINARY = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)
_LENGTH = 10
_WITHOUT_AREA_CODE = 7
_ANY_THREE = "123"


class PhoneFault(StrEnum):
    """Why a text is no line that can be dialed; the value is the sentence for the report."""

    BLANK = "There is no number."
    PLACEHOLDER = "This is a placeholder, not a number."
    LETTERS = "The number has letters in it."
    NO_AREA_CODE = "The number has seven digits: the area code is missing."
    TOO_SHORT = "The number has too few digits."
    TOO_LONG = "The number has too many digits."
    NOT_IN_USE = "No such number can exist in the United States."
    FOREIGN = "The number is outside the United States."
    NOT_A_PERSONS = "This is a toll-free or premium number, not a person's."


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that can be dialed: E.164 (`+16105550147`), the extension apart, the file's kind."""

    e164: str
    extension: str = ""
    kind: str = "unknown"


def read_phones(
    text: str, kind: str = "unknown"
) -> tuple[tuple[Phone, ...], tuple[PhoneFault, ...]]:
    """The phones in one cell, in its order, and what is wrong with the rest.

    A blank cell gives neither. Two numbers in a cell are two phones.
    """
    phones, faults = [], []
    for part in _SEVERAL.split(text):
        reading = normalise(part)
        if isinstance(reading, PhoneFault):
            faults.append(reading)
        else:
            phones.append(Phone(reading[0], reading[1], kind))
    return tuple(phones), tuple(fault for fault in faults if fault is not PhoneFault.BLANK)


@lru_cache(maxsize=65_536)
def normalise(text: str) -> tuple[str, str] | PhoneFault:
    """One number as (E.164, extension or ""), else the fault."""
    text = text.strip()
    extension = _EXTENSION.search(text)
    number = text[: extension.start()] if extension else text
    digits = _NOT_DIGITS.sub("", number)
    fault = _fault_of_digits(number, digits)
    if fault:
        return fault
    e164 = f"+1{digits[-_LENGTH:]}"
    fault = _fault_of_block(e164[: -len(_ANY_THREE)])
    return fault or (e164, extension.group(1) if extension else "")


def is_fictional(e164: str) -> bool:
    """Whether the number is reserved for fiction: any area code, 555-0100 to 555-0199."""
    return _FICTIONAL.fullmatch(e164) is not None


def _fault_of_digits(number: str, digits: str) -> PhoneFault | None:
    national = digits.removeprefix("1") if len(digits) == _LENGTH + 1 else digits
    if not number.strip(" -./()"):
        return PhoneFault.BLANK
    if _LETTERS.search(number):
        return PhoneFault.LETTERS
    if national in _PLACEHOLDERS or len(set(national[-_WITHOUT_AREA_CODE:])) <= 1:
        return PhoneFault.PLACEHOLDER
    if number.lstrip(" (").startswith("+") and not digits.startswith("1"):
        return PhoneFault.FOREIGN
    return _fault_of_length(len(national))


def _fault_of_length(length: int) -> PhoneFault | None:
    if length == _WITHOUT_AREA_CODE:
        return PhoneFault.NO_AREA_CODE
    if length < _LENGTH:
        return PhoneFault.TOO_SHORT
    return PhoneFault.TOO_LONG if length > _LENGTH else None


@lru_cache(maxsize=65_536)
def _fault_of_block(start: str) -> PhoneFault | None:
    """The verdict on the thousand numbers of one block: no rule of the library looks further."""
    try:
        parsed = phonenumbers.parse(start + _ANY_THREE)
    except NumberParseException:
        return PhoneFault.NOT_IN_USE
    if not phonenumbers.is_valid_number(parsed):
        return PhoneFault.NOT_IN_USE
    if phonenumbers.number_type(parsed) not in _ORDINARY:
        return PhoneFault.NOT_A_PERSONS
    if phonenumbers.region_code_for_number(parsed) not in _COUNTRIES:
        return PhoneFault.FOREIGN
    return None
