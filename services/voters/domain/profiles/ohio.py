"""Ohio's Statewide Voter File: four comma-separated files with a header, without phones.

The set of election columns grows with every election; they are found by their names.
"""

import re

from services.voters.domain.profiles.profile import DateOrder, Kind, Profile

_COUNTIES = (
    "Adams|Allen|Ashland|Ashtabula|Athens|Auglaize|Belmont|Brown|Butler|Carroll|Champaign|Clark|"
    "Clermont|Clinton|Columbiana|Coshocton|Crawford|Cuyahoga|Darke|Defiance|Delaware|Erie|"
    "Fairfield|Fayette|Franklin|Fulton|Gallia|Geauga|Greene|Guernsey|Hamilton|Hancock|Hardin|"
    "Harrison|Henry|Highland|Hocking|Holmes|Huron|Jackson|Jefferson|Knox|Lake|Lawrence|Licking|"
    "Logan|Lorain|Lucas|Madison|Mahoning|Marion|Medina|Meigs|Mercer|Miami|Monroe|Montgomery|"
    "Morgan|Morrow|Muskingum|Noble|Ottawa|Paulding|Perry|Pickaway|Pike|Portage|Preble|Putnam|"
    "Richland|Ross|Sandusky|Scioto|Seneca|Shelby|Stark|Summit|Trumbull|Tuscarawas|Union|"
    "Van Wert|Vinton|Warren|Washington|Wayne|Williams|Wood|Wyandot"
)

OHIO = Profile(
    name="oh-statewide-voter-file",
    title="Ohio Statewide Voter File",
    kind=Kind.STATE_FILE,
    state="OH",
    delimiter=",",
    key="state_voter_id",
    required=("SOS_VOTERID", "COUNTY_NUMBER", "LAST_NAME", "VOTER_STATUS", "RESIDENTIAL_ZIP"),
    date_order=DateOrder.YEAR_MONTH_DAY,
    fields={
        "state_voter_id": ("SOS_VOTERID",),
        "county_voter_id": ("COUNTY_ID",),
        "county": ("COUNTY_NUMBER",),
        "last_name": ("LAST_NAME",),
        "first_name": ("FIRST_NAME",),
        "middle_name": ("MIDDLE_NAME",),
        "suffix": ("SUFFIX",),
        "birth_date": ("DATE_OF_BIRTH",),
        "registered_on": ("REGISTRATION_DATE",),
        "status": ("VOTER_STATUS",),
        "party": ("PARTY_AFFILIATION",),
        "street": ("RESIDENTIAL_ADDRESS1",),
        "unit": ("RESIDENTIAL_SECONDARY_ADDR",),
        "city": ("RESIDENTIAL_CITY",),
        "state": ("RESIDENTIAL_STATE",),
        "zip": ("RESIDENTIAL_ZIP",),
        "zip4": ("RESIDENTIAL_ZIP_PLUS4",),
        "mail_line_1": ("MAILING_ADDRESS1",),
        "mail_line_2": ("MAILING_SECONDARY_ADDRESS",),
        "mail_city": ("MAILING_CITY",),
        "mail_state": ("MAILING_STATE",),
        "mail_zip": ("MAILING_ZIP",),
        "mail_country": ("MAILING_COUNTRY",),
        "precinct": ("PRECINCT_CODE",),
    },
    districts={
        "CONGRESSIONAL_DISTRICT": "congress",
        "STATE_SENATE_DISTRICT": "state_senate",
        "STATE_REPRESENTATIVE_DISTRICT": "state_house",
        "CITY_SCHOOL_DISTRICT": "school",
        "LOCAL_SCHOOL_DISTRICT": "local_school",
        "EXEMPTED_VILL_SCHOOL_DISTRICT": "village_school",
        "STATE_BOARD_OF_EDUCATION": "board_of_education",
        "COURT_OF_APPEALS": "court_of_appeals",
        "MUNICIPAL_COURT_DISTRICT": "municipal_court",
        "COUNTY_COURT_DISTRICT": "county_court",
        "TOWNSHIP": "township",
        "VILLAGE": "village",
        "WARD": "ward",
    },
    vote_header=re.compile(
        r"(?P<kind>PRIMARY|GENERAL|SPECIAL)-(?P<month>\d\d)/(?P<day>\d\d)/(?P<year>\d{4})"
    ),
    statuses={"ACTIVE": "active", "CONFIRMATION": "inactive"},
    counties={str(number): name for number, name in enumerate(_COUNTIES.split("|"), start=1)},
)
