"""The two made-up volunteer organizations of the demo: one at home, one of voters abroad."""

from typing import Any

AT_HOME: dict[str, Any] = {
    "name": "DVC \N{EN DASH} Palo Alto",
    "slug": "dvc-palo-alto",
    "help_contact": "help@dvc.example.org",
    "words": "Thank you for calling! Every call is a good call, whoever picks up.",
}
ABROAD: dict[str, Any] = {
    "name": "Marlowe Friends Abroad \N{EN DASH} Berlin",
    "slug": "friends-abroad-berlin",
    "help_contact": "help@friends-abroad.example.org",
    "words": (
        "Hallo and welcome! We call home from six time zones away: our late evening is their"
        " afternoon. Every call is a good call."
    ),
}
