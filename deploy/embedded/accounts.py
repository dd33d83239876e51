"""Who can sign in to the demo, and the shape of what sets it up."""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from deploy.embedded.keys import write_privately


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The two made-up people the demo prints."""

    organizer_email: str
    organizer_password: str
    caller_email: str
    caller_password: str

    def keep(self, folder: Path, database: str) -> None:
        """Remember them beside the data they belong to."""
        kept = {"database": database, **dataclasses.asdict(self)}
        write_privately(_file(folder), json.dumps(kept, indent=2) + "\n")

    @classmethod
    def kept_in(cls, folder: Path, database: str) -> Self | None:
        """Those of an earlier start; None when this database was not set up from this folder."""
        if not _file(folder).exists():
            return None
        kept = json.loads(_file(folder).read_text(encoding="utf-8"))
        return cls(**kept) if kept.pop("database") == database else None


class SetUp(Protocol):
    """Sets the demo up through the services' own HTTP API. May be run again after it failed."""

    async def __call__(
        self, base_url: str, mail_url: str, setup_token: str, report: Callable[[str], None]
    ) -> Accounts:
        """Answers who can sign in; `report` takes a progress line for people."""


def _file(folder: Path) -> Path:
    return folder / "accounts.json"
