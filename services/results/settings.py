"""Results' own environment: the key of tickets, and where the vault answers."""

from pydantic import SecretStr

from libs.chassis.settings import Settings


class ResultsSettings(Settings):
    """Besides every service's: TICKET_KEY (newest first, comma-separated) and VOTERS_URL.

    `voters_url` unset means that the vault answers at PUBLIC_URL.
    """

    ticket_key: SecretStr
    voters_url: str | None = None
