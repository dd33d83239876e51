"""Which parts of what a file tells of a voter a later file tells otherwise."""

from services.voters.domain.voter import ParsedVoter

PARTS: dict[str, tuple[str, ...]] = {
    "name": ("title", "first_name", "middle_name", "last_name", "suffix"),
    "birth": ("birth_date", "birth_year", "age"),
    "gender": ("gender",),
    "party": ("party",),
    "language": ("language",),
    "status": ("status", "status_changed_on"),
    "registration": (
        "registered_on",
        "registration_method",
        "changed_on",
        "permanent_absentee",
    ),
    "ids": ("state_voter_id", "county_voter_id", "van_id"),
    "address": (
        "house_number",
        "house_number_suffix",
        "street",
        "unit",
        "address_line_2",
        "city",
        "state",
        "zip5",
        "zip4",
        "county",
    ),
    "mailing": ("mailing",),
    "districts": ("precinct", "precinct_split", "districts"),
    "votes": ("votes", "last_voted_on"),
    "phones": ("phones",),
}
# Nothing of the row is new, but our own tables now read another time zone out of it.
ZONES = "zones"


def changed_parts(before: ParsedVoter, after: ParsedVoter) -> tuple[str, ...]:
    """The parts that differ, in the order of `PARTS`; never none."""
    parts = tuple(
        part
        for part, fields in PARTS.items()
        if any(getattr(before, field) != getattr(after, field) for field in fields)
    )
    return parts or (ZONES,)
