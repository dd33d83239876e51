"""One phone bank: created with its rules, given a script, opened, paused, and closed for good."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, assert_never

from pydantic import ValidationError

from libs.decider import Decider
from libs.events.queue import (
    PhoneBankChanged,
    PhoneBankClosed,
    PhoneBankCreated,
    PhoneBankOpened,
    PhoneBankPaused,
    Purpose,
    ScriptPublished,
)
from libs.hours import CallingHours
from services.queue.domain.bank_settings import (
    BankChanges,
    Wording,
    as_changed,
    changed,
    check_end,
    check_settings,
    hours_within,
)
from services.queue.domain.errors import (
    Closed,
    NoSuchPhoneBank,
    NotOpened,
    PhoneBankInvalid,
    PhoneBankKnown,
    ScriptMissing,
    ScriptMoved,
)
from services.queue.domain.script import validate

_STATE_LENGTH = 2

Stage = Literal["none", "created", "open", "paused", "closed"]
BankFact = (
    PhoneBankCreated
    | PhoneBankChanged
    | PhoneBankOpened
    | PhoneBankPaused
    | PhoneBankClosed
    | ScriptPublished
)


@dataclass(frozen=True, slots=True)
class CreatePhoneBank:
    """An organizer sets up a phone bank. `hours` narrow the default hours, never widen them.

    A bank that is like another one brings its `wording` and its `script` along.
    """

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
    wording: Wording = field(default=Wording())
    script: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ChangePhoneBank:
    """From now on it works by other settings; calls made before keep what they were made by."""

    changes: BankChanges
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
    """A new version of the script goes live; `after`: only if this version is still the last."""

    script: dict[str, Any]
    after: int | None = None


BankCommand = (
    CreatePhoneBank
    | ChangePhoneBank
    | OpenPhoneBank
    | PausePhoneBank
    | ClosePhoneBank
    | PublishScript
)


@dataclass(frozen=True, slots=True)
class PhoneBank:
    """What is known of a phone bank; `scripts` are its versions from the first.

    `created` has the settings of today: those it was set up with, and every change since.
    """

    stage: Stage = "none"
    created: PhoneBankCreated | None = None
    wording: Wording = field(default=Wording())
    scripts: tuple[dict[str, Any], ...] = field(default=())

    @property
    def creation(self) -> PhoneBankCreated:
        """How it is set up today. Raises NoSuchPhoneBank when it never was."""
        if self.created is None:
            raise NoSuchPhoneBank
        return self.created


def evolve(bank: PhoneBank, fact: BankFact) -> PhoneBank:
    """The phone bank after a fact."""
    match fact:
        case PhoneBankCreated():
            return replace(bank, stage="created", created=fact)
        case PhoneBankChanged():
            wording = Wording(fact.message_words, fact.caller_note, fact.dispositions)
            return replace(bank, created=as_changed(bank.creation, fact), wording=wording)
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
        case ChangePhoneBank(changes=changes, at=at):
            return _change(bank, changes, at)
        case OpenPhoneBank(at=at):
            return _open(bank, at)
        case PausePhoneBank():
            return _pause(bank)
        case ClosePhoneBank():
            return _close(bank)
        case PublishScript(script=script, after=after):
            return _publish(bank, script, after)
        case _:
            assert_never(command)


BANK: Decider[PhoneBank, BankCommand, BankFact] = Decider(PhoneBank, evolve, decide)


def hours_of(created: PhoneBankCreated) -> CallingHours:
    """The hours of a phone bank as rules."""
    return CallingHours.model_validate(created.hours)


def _create(bank: PhoneBank, ask: CreatePhoneBank) -> Sequence[BankFact]:
    if bank.stage != "none":
        raise PhoneBankKnown
    check_settings({"name": ask.name, "candidate": ask.candidate, "attempts_max": ask.attempts_max})
    if not (len(ask.state) == _STATE_LENGTH and ask.state.isalpha() and ask.state.isupper()):
        raise PhoneBankInvalid("state: give the two letters of a state, as PA.")
    check_end(ask.closes_at, ask.at)
    try:
        created = PhoneBankCreated(
            campaign_id=ask.campaign_id,
            bank_id=ask.bank_id,
            name=ask.name.strip(),
            candidate=ask.candidate.strip(),
            state=ask.state,
            purpose=ask.purpose,
            universe_id=ask.universe_id,
            practice=ask.practice,
            hours=hours_within(ask.hours),
            organization_ids=ask.organization_ids,
            messages_allowed=ask.messages_allowed,
            attempts_max=ask.attempts_max,
            closes_at=ask.closes_at,
        )
    except ValidationError as error:
        raise PhoneBankInvalid(str(error.errors()[0]["msg"])) from error
    words = BankChanges(
        message_words=ask.wording.message_words,
        caller_note=ask.wording.caller_note,
        dispositions=ask.wording.dispositions,
    )
    facts: list[BankFact] = [created, *changed(created, Wording(), words, ask.at)]
    if ask.script is not None:
        facts += _publish(evolve(bank, created), ask.script)
    return facts


def _change(bank: PhoneBank, changes: BankChanges, at: datetime) -> Sequence[BankFact]:
    created = bank.creation
    if bank.stage == "closed":
        raise Closed
    return changed(created, bank.wording, changes, at)


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


def _close(bank: PhoneBank) -> Sequence[BankFact]:
    created = bank.creation
    if bank.stage == "closed":
        return []
    return [PhoneBankClosed(campaign_id=created.campaign_id, bank_id=created.bank_id)]


def _publish(
    bank: PhoneBank, script: dict[str, Any], after: int | None = None
) -> Sequence[BankFact]:
    created = bank.creation
    if bank.stage == "closed":
        raise Closed
    checked = validate(script)
    # An older form of the same script is the same script.
    if bank.scripts and validate(bank.scripts[-1]) == checked:
        return []
    if after is not None and after != len(bank.scripts):
        raise ScriptMoved
    return [
        ScriptPublished(
            campaign_id=created.campaign_id,
            bank_id=created.bank_id,
            script_version=len(bank.scripts) + 1,
            script=checked,
        )
    ]
