"""Gotv's own environment: where the vault answers."""

from libs.chassis.settings import Settings


class GotvSettings(Settings):
    """Besides every service's: VOTERS_URL; unset means that the vault answers at PUBLIC_URL."""

    voters_url: str | None = None
