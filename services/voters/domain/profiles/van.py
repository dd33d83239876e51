"""A list exported from VAN: a header, and the columns the exporting person chose.

A VANID is a number, unique only in its own database; a row without one is refused, because its
results could not go back.
"""

from services.voters.domain.profiles.profile import Kind, Profile

VAN_LIST = Profile(
    name="van-list-export",
    title="VAN list export",
    kind=Kind.LIST_EXPORT,
    state="",
    delimiter=",",
    key="van_id",
    integer_key=True,
    required=("Voter File VANID", "LastName"),
    fields={
        "van_id": ("Voter File VANID",),
        "state_voter_id": ("StateFileID",),
        "county_voter_id": ("CountyFileID",),
        "last_name": ("LastName",),
        "first_name": ("FirstName",),
        "middle_name": ("MiddleName", "MidName"),
        "suffix": ("Suffix",),
        "gender": ("Sex",),
        "birth_date": ("DOB", "DateOfBirth"),
        "age": ("Age",),
        "party": ("Party",),
        "language": ("Language", "LanguagePreference"),
        "house_number": ("StreetNo",),
        "house_number_suffix": ("StreetNoHalf",),
        "street_prefix": ("StreetPrefix",),
        "street": ("StreetName", "Address", "mAddress"),
        "street_type": ("StreetType",),
        "street_suffix": ("StreetSuffix",),
        "unit_type": ("AptType",),
        "unit": ("AptNo",),
        "city": ("City", "mCity"),
        "state": ("State", "mState"),
        "zip": ("Zip5", "Zip", "mZip5"),
        "zip4": ("Zip4", "mZip4"),
        "county": ("County", "CountyName"),
        "precinct": ("Precinct", "PrecinctName"),
        "permanent_absentee": ("PermanentAbsentee",),
    },
    phones={
        "Preferred Phone": "preferred",
        "Pref Phone": "preferred",
        "Cell Phone": "cell",
        "CellPhone": "cell",
        "Home Phone": "home",
        "HomePhone": "home",
        "WorkPhone": "work",
    },
    districts={"CD": "congress", "SD": "state_senate", "HD": "state_house"},
    # U is "unknown or undeclared": no party, and not the voter's own word that there is none.
    parties={"U": "", "DEM": "D", "REP": "R"},
)
