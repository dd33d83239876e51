"""A promised call that is due: when, by whom, and the words about it, which lie in the vault."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

import structlog

from libs.chassis.problems import Unavailable
from libs.database import Database
from libs.events.queue import VoterAssigned
from libs.views.view import Row
from services.queue.views.searches import promises_to

log = structlog.get_logger()


class Deposits(Protocol):
    """The vault, as far as promises ask it: texts about people, many in one call."""

    async def read_deposits(
        self, campaign_id: str, deposit_ids: Sequence[str], *, actor: str
    ) -> dict[str, str]:
        """Texts by id; those of erased people are left out. Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a voter was promised, as the queue's view knows it."""

    voter_id: str
    at: datetime
    caller_id: str
    number_deposit_id: str | None
    question_deposit_id: str | None

    @classmethod
    def of(cls, row: Row) -> Self:
        """From the row of a voter to whom a call is promised."""
        return cls(
            voter_id=row["voter_id"],
            at=row["promise_at"],
            caller_id=row["promise_caller"],
            number_deposit_id=row["promise_number"],
            question_deposit_id=row["promise_question"],
        )


@dataclass(frozen=True, slots=True)
class PromiseInWords:
    """A promise with its words. `is_whole`: everything the voter said could be read."""

    promise: Promise
    number: str | None
    question: str | None
    is_whole: bool


async def due_promises(views: Database, assigned: VoterAssigned) -> tuple[Promise, ...]:
    """The promises that this assignment keeps."""
    rows = await promises_to(views, assigned.campaign_id, assigned.voter_ids)
    return tuple(
        Promise.of(row)
        for row in rows
        if row["promise_line"] == assigned.line_id
        and row["promise_bank"] == assigned.bank_id
        and row["promise_at"] <= assigned.assigned_at
    )


async def in_words(
    vault: Deposits, assigned: VoterAssigned, promises: Iterable[Promise]
) -> Mapping[str, PromiseInWords]:
    """The promises by voter, with number and question.

    A vault that is away keeps nobody from calling: the words are missing then, and it is said.
    """
    kept = [each for each in promises if each.voter_id in assigned.voter_ids]
    wanted = [
        deposit_id
        for each in kept
        for deposit_id in (each.number_deposit_id, each.question_deposit_id)
        if deposit_id is not None
    ]
    texts, is_whole = await _read(vault, assigned, wanted)
    return {
        each.voter_id: PromiseInWords(
            promise=each,
            number=texts.get(each.number_deposit_id or ""),
            question=texts.get(each.question_deposit_id or ""),
            is_whole=is_whole,
        )
        for each in kept
    }


async def _read(
    vault: Deposits, assigned: VoterAssigned, wanted: Collection[str]
) -> tuple[Mapping[str, str], bool]:
    if not wanted:
        return {}, True
    try:
        texts = await vault.read_deposits(
            assigned.campaign_id, tuple(wanted), actor=assigned.caller_id
        )
    except Unavailable:
        log.warning("promise shown without its words", assignment_id=assigned.assignment_id)
        return {}, False
    return texts, True
