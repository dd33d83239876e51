"""A row laid over what is known of its voter: a file changes what it tells, and nothing else.

A list export fills in: what it leaves blank or only spells otherwise stays, and its numbers come
before those known. A state's own file is the word on every column it has, blank ones too.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

from services.voters.domain.layout import Layout
from services.voters.domain.names import matched
from services.voters.domain.profiles.profile import Kind
from services.voters.domain.voter import ParsedVoter

_FIELDS = tuple(field.name for field in fields(ParsedVoter) if field.compare)
# Columns whose content goes into a field of another name.
_INTO = {
    "zip": ("zip5", "zip4"),
    "birth_date": ("birth_date", "birth_year"),
    "street_prefix": ("street",),
    "street_type": ("street",),
    "street_suffix": ("street",),
    "unit_type": ("unit",),
    "mail_line_1": ("mailing",),
}
# They mean nothing apart: a new street has no old unit.
_ADDRESS = (
    "house_number",
    "house_number_suffix",
    "street",
    "unit",
    "address_line_2",
    "city",
    "zip5",
    "zip4",
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a file tells: which fields, phones of which kinds; a list export only fills in."""

    fields: frozenset[str]
    phone_kinds: frozenset[str]
    is_list: bool


def told_by(layout: Layout) -> Told:
    """What the columns of this file tell."""
    profile = layout.profile

    def stands(column: str) -> bool:
        return layout.position(column) is not None

    found: set[str] = {"districts", "votes", "state"} if profile.state else {"districts", "votes"}
    for field, columns in profile.fields.items():
        if any(map(stands, columns)):
            found.update(_INTO.get(field, (field,)))
    if not profile.statuses:
        found.discard("status")
    kinds = frozenset(kind for column, kind in profile.phones.items() if stands(column))
    return Told(frozenset(found), kinds, profile.kind is Kind.LIST_EXPORT)


def laid_over(before: ParsedVoter, row: ParsedVoter, told: Told) -> ParsedVoter:
    """The voter after the row; laid over once more, nothing changes."""
    kept: dict[str, Any] = {
        field: getattr(before, field) for field in _FIELDS if _stays(field, before, row, told)
    }
    if "county" in kept and row.zip5 and row.zip5 != before.zip5:
        kept["county"] = ""
    kept["phones"] = row.phones + tuple(
        phone
        for phone in before.phones
        if (told.is_list or phone.kind not in told.phone_kinds)
        and phone.e164 not in {each.e164 for each in row.phones}
    )
    if told.is_list:
        kept["districts"] = tuple(sorted((dict(before.districts) | dict(row.districts)).items()))
    return replace(row, **kept)


def _stays(field: str, before: ParsedVoter, row: ParsedVoter, told: Told) -> bool:
    if not told.is_list:
        return field not in told.fields
    known, said = getattr(before, field), getattr(row, field)
    if isinstance(known, str) and known and matched(known) == matched(said):
        return True
    if field in _ADDRESS and row.street:
        return False
    return field not in told.fields or not said
