"""Which columns of a file are understood, which passed over, and what the file does not tell."""

from dataclasses import dataclass

from services.voters.domain.layout import Layout
from services.voters.domain.mending import own_columns

# What organizers count on; a state's own file often lacks the phones, some lack the party.
_HOPED_FOR = ("birth_date", "party", "status", "county")


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of columns in the file's order; `lacking` names what no column tells."""

    understood: tuple[str, ...]
    passed_over: tuple[str, ...]
    lacking: tuple[str, ...]


def columns_of(layout: Layout) -> Columns:
    """What becomes of the columns of this file."""
    profile = layout.profile
    known = {
        name.casefold()
        for names in (
            *profile.fields.values(),
            *profile.votes.values(),
            profile.phones,
            profile.districts,
        )
        for name in names
    }
    pattern = profile.vote_header

    def is_known(column: str) -> bool:
        if column.casefold() in known:
            return True
        return pattern is not None and pattern.fullmatch(column.upper()) is not None

    present = {column.casefold() for column in layout.columns}
    told = {
        field
        for field, names in profile.fields.items()
        if any(name.casefold() in present for name in names)
    }
    if "age" in told:
        told.add("birth_date")
    lacking = [field for field in _HOPED_FOR if field not in told]
    if not any(name.casefold() in present for name in profile.phones):
        lacking.insert(0, "phones")
    return Columns(
        understood=tuple(column for column in layout.columns if is_known(column)),
        passed_over=tuple(column for column in own_columns(layout.columns) if not is_known(column)),
        lacking=tuple(lacking),
    )
