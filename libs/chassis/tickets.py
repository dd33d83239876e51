"""Ticket and receipt: how queue and results trust each other's word without a call between them."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from libs.decider import Invalid

TICKET_LIFE = timedelta(days=14)  # Results may be late: a caller's phone was in a train, then off.

Paper = TypeVar("Paper", "Ticket", "Receipt")


class TicketInvalid(Invalid):
    """This ticket or receipt was not made here, or is too old; ask for the next voter again."""


class Ticket(msgspec.Struct, frozen=True, array_like=True, tag="t"):
    """What queue says of an assignment: who may record whose results, under which script.

    `support_question` and `volunteer_question` are the script's blocks that mean these.
    """

    caller_id: str
    campaign_id: str
    bank_id: str
    assignment_id: str
    line_id: str
    line_version: int
    voter_ids: tuple[str, ...]
    script_version: int
    slot: int
    organization_id: str | None
    support_question: str | None
    volunteer_question: str | None
    expires_at: datetime


class Receipt(msgspec.Struct, frozen=True, array_like=True, tag="r"):
    """What results says of a call; `complete`: every voter of the assignment has a result."""

    caller_id: str
    campaign_id: str
    bank_id: str
    assignment_id: str
    line_id: str
    call_id: str
    slot: int
    complete: bool
    expires_at: datetime


class TicketOffice:
    """Signs and checks papers with HMAC-SHA256; the first key signs, every key verifies."""

    def __init__(self, keys: str) -> None:
        """`keys` are comma-separated secrets, the newest first."""
        self._keys = {
            hashlib.sha256(b"ticket key id\0" + key.encode()).hexdigest()[:8]: key.encode()
            for key in keys.split(",")
            if key
        }
        self._current = next(iter(self._keys))

    def sign(self, paper: Ticket | Receipt) -> str:
        """`<key id>.<payload>.<mac>`, safe in JSON and URLs."""
        payload = _encode(msgspec.msgpack.encode(paper))
        return f"{self._current}.{payload}.{self._mac(self._current, payload)}"

    def read(self, text: str, kind: type[Paper], now: datetime) -> Paper:
        """The paper, if one of our keys signed it and it is not too old. Raises TicketInvalid."""
        key_id, _, rest = text.partition(".")
        payload, _, mac = rest.partition(".")
        if key_id not in self._keys or not hmac.compare_digest(self._mac(key_id, payload), mac):
            raise TicketInvalid
        try:
            paper = msgspec.msgpack.decode(_decode(payload), type=kind)
        except (msgspec.DecodeError, ValueError) as error:
            raise TicketInvalid from error
        if paper.expires_at <= now:
            raise TicketInvalid
        return paper

    def _mac(self, key_id: str, payload: str) -> str:
        signed = f"{key_id}.{payload}".encode()
        return _encode(hmac.new(self._keys[key_id], signed, hashlib.sha256).digest())


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
