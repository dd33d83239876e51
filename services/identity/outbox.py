"""The mail outbox: what is to be mailed, sealed, written before the answer, gone once sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from libs.database import ASCENDING, Database, Document
from services.identity.sealing import Sealed, Sealer

LEASE = timedelta(minutes=2)
SETTLED_KEPT_FOR = timedelta(days=30)
CANDIDATES_MAX = 16

Kind = Literal["registration", "resend", "code", "reset", "password-changed"]
State = Literal["waiting", "sent", "dropped", "failed"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody asked for; which letter that is shows when it is written, not before.

    So an answer takes the same time whether or not an address is known.
    """

    email: str
    registration_id: str | None = None
    next_path: str | None = None
    organization_id: str | None = None


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter ready to send. It stays the same however often sending is tried."""

    to: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Posted:
    """What is known of a row without opening it."""

    state: State
    fingerprint: str

    @property
    def settled(self) -> bool:
        """Whether a letter was sent, or could not be for a reason that stays."""
        return self.state in {"sent", "failed"}


@dataclass(frozen=True, slots=True)
class Due:
    """A row that this process may work on until its lease ends; `attempt` counts from 1."""

    mail_id: str
    kind: Kind
    attempt: int
    posted_at: datetime
    wanted: Wanted
    letter: Letter | None
    letter_at: datetime | None


class Outbox:
    """Rows under a lease: whoever dies while sending loses it, and another sends again."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._rows = database["outbox"]
        self._sealer = sealer

    async def prepare(self) -> None:
        """Make the index that finds what is due."""
        await self._rows.create_index(
            [("due_at", ASCENDING)], partialFilterExpression={"state": "waiting"}
        )

    async def post(
        self, mail_id: str, kind: Kind, wanted: Wanted, *, fingerprint: str, at: datetime
    ) -> None:
        """Ask for a letter, once per `mail_id`; one that was dropped is asked for again."""
        sealed = self._sealer.seal(_owner(mail_id), wanted)
        row = {
            "kind": kind,
            "state": "waiting",
            "attempts": 0,
            "due_at": at,
            "posted_at": at,
            "fingerprint": fingerprint,
            "key": sealed.key,
            "content": sealed.content,
        }
        await self._rows.update_one({"_id": mail_id}, {"$setOnInsert": row}, upsert=True)
        await self._rows.update_one({"_id": mail_id, "state": "dropped"}, {"$set": row})

    async def find(self, mail_id: str) -> Posted | None:
        """What became of a mail."""
        row = await self._rows.find_one({"_id": mail_id}, {"state": 1, "fingerprint": 1})
        return Posted(row["state"], row["fingerprint"]) if row else None

    async def claim(self, at: datetime) -> Due | None:
        """The row that is due longest, ours until `at` + LEASE; None when nothing is due."""
        waiting = {"state": "waiting", "due_at": {"$lte": at}}
        candidates = await (
            self._rows.find(waiting).sort("due_at", ASCENDING).limit(CANDIDATES_MAX).to_list()
        )
        for row in candidates:
            mine = {"_id": row["_id"], "state": "waiting", "attempts": row["attempts"]}
            lease = {"$set": {"due_at": at + LEASE}, "$inc": {"attempts": 1}}
            if (await self._rows.update_one(mine, lease)).modified_count:
                return self._due(row)
        return None

    async def keep_letter(self, due: Due, letter: Letter, at: datetime) -> None:
        """Fix the letter before it is sent, so that a second try sends the same one."""
        sealed = self._sealer.seal(_owner(due.mail_id), letter)
        kept = {"letter_key": sealed.key, "letter_content": sealed.content, "letter_at": at}
        await self._rows.update_one(_held(due), {"$set": kept})

    async def settle(self, due: Due, state: State, *, reason: str, at: datetime) -> None:
        """Close the row and destroy its keys: nothing of the letter is left."""
        gone = dict.fromkeys(("key", "content", "letter_key", "letter_content"), "")
        closed = {"state": state, "reason": reason, "settled_at": at}
        waiting = {"_id": due.mail_id, "state": "waiting"}
        await self._rows.update_one(waiting, {"$set": closed, "$unset": gone})

    async def postpone(self, due: Due, until: datetime, *, reason: str) -> None:
        """Try again later."""
        await self._rows.update_one(_held(due), {"$set": {"due_at": until, "reason": reason}})

    async def purge(self, at: datetime) -> None:
        """Forget rows that were settled long ago."""
        await self._rows.delete_many({"settled_at": {"$lte": at - SETTLED_KEPT_FOR}})

    def _due(self, row: Document) -> Due:
        owner = _owner(row["_id"])
        letter = None
        if "letter_key" in row:
            sealed = Sealed(row["letter_key"], row["letter_content"])
            letter = self._sealer.open(owner, sealed, Letter)
        return Due(
            mail_id=row["_id"],
            kind=row["kind"],
            attempt=row["attempts"] + 1,
            posted_at=row["posted_at"],
            wanted=self._sealer.open(owner, Sealed(row["key"], row["content"]), Wanted),
            letter=letter,
            letter_at=row.get("letter_at"),
        )


def _held(due: Due) -> Document:
    """The row while this lease is the latest."""
    return {"_id": due.mail_id, "state": "waiting", "attempts": due.attempt}


def _owner(mail_id: str) -> str:
    return f"mail/{mail_id}"
