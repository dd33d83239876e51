"""The voters' own environment: the keys of people and lines, and how large a file may be."""

from pydantic import SecretStr

from libs.chassis.settings import Settings


class VotersSettings(Settings):
    """Besides every service's: what the vault, the lines' ids and uploads need.

    `vault_key` wraps the keys of people; `line_key` makes the ids of voters and lines, and must
    never change: with another one every import would bring everybody in anew.
    """

    vault_key: SecretStr
    line_key: SecretStr
    upload_bytes_max: int = 1024**3
