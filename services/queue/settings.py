"""The queue's own environment: the key of its tickets, the vault's address, a caller's pace."""

from typing import Self

from pydantic import SecretStr, model_validator

from libs.chassis.settings import Settings

VOTERS_PER_HOUR_MAX = 120


class QueueSettings(Settings):
    """Besides every service's: what handing out voters needs.

    `voters_url` is where the vault of `voters` answers, PUBLIC_URL when it is not said.
    `voters_per_hour_max` is how many voters one caller may be shown in an hour: 120 in production,
    no limit elsewhere, for tests and benchmarks live through hours in seconds; 0 is no limit.
    """

    ticket_key: SecretStr
    voters_url: str = ""
    voters_per_hour_max: int | None = None

    @property
    def vault_url(self) -> str:
        """The base address of `voters`."""
        return self.voters_url or self.public_url

    @property
    def pace_max(self) -> int:
        """Voters an hour for one caller; 0 is no limit."""
        if self.voters_per_hour_max is not None:
            return self.voters_per_hour_max
        return VOTERS_PER_HOUR_MAX if self.phonebank_env == "production" else 0

    @model_validator(mode="after")
    def _pace_is_no_debt(self) -> Self:
        if self.voters_per_hour_max is not None and self.voters_per_hour_max < 0:
            raise ValueError("VOTERS_PER_HOUR_MAX must be 0 (no limit) or more")
        return self
