"""One phone bank: created with its rules, given a script, opened, paused, and closed for good."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, assert_never

from pydantic import ValidationError

from libs.decider import Decider
from libs.events.queue import (
    PhoneBankClosed,
    PhoneBankCreated,
    PhoneBankOpened,
    PhoneBankPaused,
    Purpose,
    ScriptPublished,
)
from libs.hours import DEFAULT_HOURS, CallingHours, narrow
from services.queue.domain.errors import (
    Closed,
    NoSuchPhoneBank,
    NotOpened,
    PhoneBankInvalid,
    PhoneBankKnown,
    ScriptMissing,
)
from services.queue.domain.script import validate

ATTEMPTS_MAX = 3
_ATTEMPTS_LIMIT = 10
_NAME_LENGTH_MAX = 120
_STATE_LENGTH = 2

Stage = Literal["none", "created", "open", "paused", "closed"]
BankFact = PhoneBankCreated | PhoneBankOpened | PhoneBankPaused | PhoneBankClosed | ScriptPublished


@dataclass(frozen=True, slots=True)
class CreatePhoneBank:
    """An organizer sets up a phone bank. `hours` narrow the default hours, never widen them."""

    campaign_id: str
    bank_id: str
    name: str
    candidate: str
    state: str
    purpose: Purpose
    universe_id: str
    practice: bool
    hours: CallingHours | None
    organization_ids: tuple[str, ...]
    messages_allowed: bool
    attempts_max: int
    closes_at: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OpenPhoneBank:
    """Callers may work through it from now on."""

    at: datetime


@dataclass(frozen=True, slots=True)
class PausePhoneBank:
    """Nobody is handed out until it opens again."""


@dataclass(frozen=True, slots=True)
class ClosePhoneBank:
    """It ends for good."""


@dataclass(frozen=True, slots=True)
class PublishScript:
    """A new version of the script goes live."""

    script: dict[str, Any]


BankCommand = CreatePhoneBank | OpenPhoneBank | PausePhoneBank | ClosePhoneBank | PublishScript


@dataclass(frozen=True, slots=True)
class PhoneBank:
    """What is known of a phone bank; `scripts` are its versions from the first."""

    stage: Stage = "none"
    created: PhoneBankCreated | None = None
    scripts: tuple[dict[str, Any], ...] = field(default=())

    @property
    def creation(self) -> PhoneBankCreated:
        """How it was set up. Raises NoSuchPhoneBank when it never was."""
        if self.created is None:
            raise NoSuchPhoneBank
        return self.created


def evolve(bank: PhoneBank, fact: BankFact) -> PhoneBank:
    """The phone bank after a fact."""
    match fact:
        case PhoneBankCreated():
            return replace(bank, stage="created", created=fact)
        case PhoneBankOpened():
            return replace(bank, stage="open")
        case PhoneBankPaused():
            return replace(bank, stage="paused")
        case PhoneBankClosed():
            return replace(bank, stage="closed")
        case ScriptPublished(script=script):
            return replace(bank, scripts=(*bank.scripts, script))
        case _:
            assert_never(fact)


def decide(bank: PhoneBank, command: BankCommand) -> Sequence[BankFact]:
    """The facts that follow from a command."""
    match command:
        case CreatePhoneBank():
            return _create(bank, command)
        case OpenPhoneBank(at=at):
            return _open(bank, at)
        case PausePhoneBank():
            return _pause(bank)
        case ClosePhoneBank():
            created = bank.creation
            if bank.stage == "closed":
                return []
            return [PhoneBankClosed(campaign_id=created.campaign_id, bank_id=created.bank_id)]
        case PublishScript(script=script):
            return _publish(bank, script)
        case _:
            assert_never(command)


BANK: Decider[PhoneBank, BankCommand, BankFact] = Decider(PhoneBank, evolve, decide)


def hours_of(created: PhoneBankCreated) -> CallingHours:
    """The hours of a phone bank as rules."""
    return CallingHours.model_validate(created.hours)


def _create(bank: PhoneBank, ask: CreatePhoneBank) -> Sequence[BankFact]:
    if bank.stage != "none":
        raise PhoneBankKnown
    for name, text in (("name", ask.name), ("candidate", ask.candidate)):
        if not 0 < len(text.strip()) <= _NAME_LENGTH_MAX:
            raise PhoneBankInvalid(f"{name}: give 1 to {_NAME_LENGTH_MAX} characters.")
    if not (len(ask.state) == _STATE_LENGTH and ask.state.isalpha() and ask.state.isupper()):
        raise PhoneBankInvalid("state: give the two letters of a state, as PA.")
    if not 1 <= ask.attempts_max <= _ATTEMPTS_LIMIT:
        raise PhoneBankInvalid(f"attempts_max: give 1 to {_ATTEMPTS_LIMIT}.")
    if ask.closes_at is not None and ask.closes_at <= ask.at:
        raise PhoneBankInvalid("closes_at: give a moment that is still to come.")
    hours = narrow(DEFAULT_HOURS, ask.hours) if ask.hours is not None else DEFAULT_HOURS
    try:
        return [
            PhoneBankCreated(
                campaign_id=ask.campaign_id,
                bank_id=ask.bank_id,
                name=ask.name.strip(),
                candidate=ask.candidate.strip(),
                state=ask.state,
                purpose=ask.purpose,
                universe_id=ask.universe_id,
                practice=ask.practice,
                hours=hours.model_dump(mode="json"),
                organization_ids=ask.organization_ids,
                messages_allowed=ask.messages_allowed,
                attempts_max=ask.attempts_max,
                closes_at=ask.closes_at,
            )
        ]
    except ValidationError as error:
        raise PhoneBankInvalid(str(error.errors()[0]["msg"])) from error


def _open(bank: PhoneBank, at: datetime) -> Sequence[BankFact]:
    created = bank.creation
    if bank.stage == "closed" or (created.closes_at is not None and created.closes_at <= at):
        raise Closed
    if bank.stage == "open":
        return []
    if not bank.scripts:
        raise ScriptMissing
    return [PhoneBankOpened(campaign_id=created.campaign_id, bank_id=created.bank_id)]


def _pause(bank: PhoneBank) -> Sequence[BankFact]:
    created = bank.creation
    match bank.stage:
        case "open":
            return [PhoneBankPaused(campaign_id=created.campaign_id, bank_id=created.bank_id)]
        case "paused":
            return []
        case "closed":
            raise Closed
        case _:
            raise NotOpened


def _publish(bank: PhoneBank, script: dict[str, Any]) -> Sequence[BankFact]:
    created = bank.creation
    if bank.stage == "closed":
        raise Closed
    checked = validate(script)
    if bank.scripts and bank.scripts[-1] == checked:
        return []
    return [
        ScriptPublished(
            campaign_id=created.campaign_id,
            bank_id=created.bank_id,
            script_version=len(bank.scripts) + 1,
            script=checked,
        )
    ]
