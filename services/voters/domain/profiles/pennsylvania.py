"""Pennsylvania's Full Voter Export: one tab-separated file a county, without a header.

153 columns; since 18 June 2024 a 154th, the registration method. What a district's or an election's
number means stands in the county's own side files (`companions`); the names here are the usual.
"""

import re

from services.voters.domain.profiles.profile import Kind, Profile

_NUMBERED = 40
_USUAL_DISTRICTS = {
    1: "precinct",
    3: "school",
    6: "state_house",
    7: "state_senate",
    8: "congress",
    9: "county",
}

_PERSON = (
    "ID Number|Title|Last Name|First Name|Middle Name|Suffix|Gender|DOB|Registration Date|"
    "Voter Status|Status Change Date|Party Code|House Number|House Number Suffix|Street Name|"
    "Apartment Number|Address Line 2|City|State|Zip|Mail Address 1|Mail Address 2|Mail City|"
    "Mail State|Mail Zip|Last Vote Date|Precinct Code|Precinct Split ID|Date Last Changed|"
    "Custom Data 1"
)
_DISTRICTS = [f"District {n}" for n in range(1, _NUMBERED + 1)]
_ELECTIONS = [
    f"Election {n} {what}" for n in range(1, _NUMBERED + 1) for what in ("Vote Method", "Party")
]
_END = ["Home Phone", "County Name", "Mail Country", "Registration Method"]

PENNSYLVANIA = Profile(
    name="pa-full-voter-export",
    title="Pennsylvania Full Voter Export",
    kind=Kind.STATE_FILE,
    state="PA",
    delimiter="\t",
    key="state_voter_id",
    columns=(*_PERSON.split("|"), *_DISTRICTS, *_ELECTIONS, *_END),
    column_counts=frozenset({153, 154}),
    shapes={
        "ID Number": re.compile(r"\S{4,20}"),
        "Voter Status": re.compile(r"[A-Z]"),
        "Registration Date": re.compile(r"\d\d?/\d\d?/\d{4}"),
        "State": re.compile(r"[A-Z]{2}"),
    },
    fields={
        "state_voter_id": ("ID Number",),
        "county_voter_id": ("Custom Data 1",),
        "title": ("Title",),
        "last_name": ("Last Name",),
        "first_name": ("First Name",),
        "middle_name": ("Middle Name",),
        "suffix": ("Suffix",),
        "gender": ("Gender",),
        "birth_date": ("DOB",),
        "registered_on": ("Registration Date",),
        "status": ("Voter Status",),
        "status_changed_on": ("Status Change Date",),
        "party": ("Party Code",),
        "house_number": ("House Number",),
        "house_number_suffix": ("House Number Suffix",),
        "street": ("Street Name",),
        "unit": ("Apartment Number",),
        "address_line_2": ("Address Line 2",),
        "city": ("City",),
        "state": ("State",),
        "zip": ("Zip",),
        "mail_line_1": ("Mail Address 1",),
        "mail_line_2": ("Mail Address 2",),
        "mail_city": ("Mail City",),
        "mail_state": ("Mail State",),
        "mail_zip": ("Mail Zip",),
        "mail_country": ("Mail Country",),
        "last_voted_on": ("Last Vote Date",),
        "precinct": ("Precinct Code",),
        "precinct_split": ("Precinct Split ID",),
        "changed_on": ("Date Last Changed",),
        "county": ("County Name",),
        "registration_method": ("Registration Method",),
    },
    phones={"Home Phone": "home"},
    districts={
        f"District {n}": _USUAL_DISTRICTS.get(n, f"district_{n}") for n in range(1, _NUMBERED + 1)
    },
    votes={
        f"election_{n}": (f"Election {n} Vote Method", f"Election {n} Party")
        for n in range(1, _NUMBERED + 1)
    },
    statuses={"A": "active", "I": "inactive", "D": "cancelled"},
    parties={
        "NF": "N",
        "NOP": "N",
        "NO": "N",
        "NON": "N",
        "LN": "L",
        "GR": "G",
        "IND": "I",
    },
)
