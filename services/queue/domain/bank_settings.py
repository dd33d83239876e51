"""What an organizer may change of a phone bank at any time, and what makes a setting fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from pydantic import ValidationError

from libs.events.queue import PhoneBankChanged, PhoneBankCreated, Purpose, ShownDisposition
from libs.events.results import Disposition
from libs.hours import DEFAULT_HOURS, CallingHours, narrow
from services.queue.domain.errors import PhoneBankInvalid

ATTEMPTS_MAX = 3
ATTEMPTS_LIMIT = 10
FIRST_MAX = 7
NAME_LENGTH_MAX = 120
WORDS_LENGTH_MAX = 2_000
LABEL_LENGTH_MAX = 40
HELP_LENGTH_MAX = 200
# The form marks the first two by itself; the voter's wish not to be called must be recordable.
NEVER_HIDDEN = frozenset(
    {
        Disposition.NOT_HOME,
        Disposition.CANVASSED,
        Disposition.REFUSED,
        Disposition.DO_NOT_CALL,
    }
)
# Imports and systems say it; no caller does.
NEVER_SHOWN = frozenset({Disposition.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class Wording:
    """What callers read beside the script. Empty texts and no dispositions: the usual ones."""

    message_words: str = ""
    caller_note: str = ""
    dispositions: tuple[ShownDisposition, ...] = ()


class BankChanges(TypedDict, total=False):
    """The settings that are to change; what is left out stays. `hours` None: the usual ones."""

    name: str
    candidate: str
    purpose: Purpose
    hours: CallingHours | None
    organization_ids: tuple[str, ...]
    messages_allowed: bool
    attempts_max: int
    closes_at: datetime | None
    message_words: str
    caller_note: str
    dispositions: tuple[ShownDisposition, ...]


def hours_within(asked: CallingHours | None) -> dict[str, Any]:
    """The hours of a bank: they narrow the usual ones, never widen them."""
    hours = narrow(DEFAULT_HOURS, asked) if asked is not None else DEFAULT_HOURS
    return hours.model_dump(mode="json")


def check_settings(settings: Mapping[str, Any]) -> None:
    """Raise PhoneBankInvalid for a setting that does not fit; it is named with what to do."""
    for name in ("name", "candidate"):
        if name in settings and not 0 < len(settings[name].strip()) <= NAME_LENGTH_MAX:
            raise PhoneBankInvalid(f"{name}: give 1 to {NAME_LENGTH_MAX} characters.")
    if "attempts_max" in settings and not 1 <= settings["attempts_max"] <= ATTEMPTS_LIMIT:
        raise PhoneBankInvalid(f"attempts_max: give 1 to {ATTEMPTS_LIMIT}.")
    for name in ("message_words", "caller_note"):
        if len(settings.get(name, "")) > WORDS_LENGTH_MAX:
            raise PhoneBankInvalid(f"{name}: give {WORDS_LENGTH_MAX} characters at most.")
    _check_dispositions(settings.get("dispositions", ()))


def check_end(closes_at: datetime | None, at: datetime) -> None:
    """Raise PhoneBankInvalid for an end that is past."""
    if closes_at is not None and closes_at <= at:
        raise PhoneBankInvalid("closes_at: give a moment that is still to come.")


def changed(
    created: PhoneBankCreated, wording: Wording, changes: BankChanges, at: datetime
) -> Sequence[PhoneBankChanged]:
    """The fact that follows from these changes, none when nothing would be different."""
    check_settings(changes)
    before = settings_of(created, wording)
    wanted: dict[str, Any] = dict(changes)
    if "hours" in changes:
        wanted["hours"] = hours_within(changes["hours"])
    for text in ("name", "candidate", "message_words", "caller_note"):
        if text in wanted:
            wanted[text] = wanted[text].strip()
    if wanted.get("closes_at") != before["closes_at"]:
        check_end(wanted.get("closes_at"), at)
    ids = {"campaign_id": created.campaign_id, "bank_id": created.bank_id}
    try:
        after = PhoneBankChanged.model_validate(ids | before | wanted)
    except ValidationError as error:
        raise PhoneBankInvalid(str(error.errors()[0]["msg"])) from error
    return [] if after == PhoneBankChanged.model_validate(ids | before) else [after]


def settings_of(created: PhoneBankCreated, wording: Wording) -> dict[str, Any]:
    """All that may be changed, by name."""
    return {
        "name": created.name,
        "candidate": created.candidate,
        "purpose": created.purpose,
        "hours": created.hours,
        "organization_ids": created.organization_ids,
        "messages_allowed": created.messages_allowed,
        "attempts_max": created.attempts_max,
        "closes_at": created.closes_at,
        "message_words": wording.message_words,
        "caller_note": wording.caller_note,
        "dispositions": wording.dispositions,
    }


def as_changed(created: PhoneBankCreated, fact: PhoneBankChanged) -> PhoneBankCreated:
    """The bank as if it had been set up with the settings of today."""
    return created.model_copy(
        update={
            "name": fact.name,
            "candidate": fact.candidate,
            "purpose": fact.purpose,
            "hours": fact.hours,
            "organization_ids": fact.organization_ids,
            "messages_allowed": fact.messages_allowed,
            "attempts_max": fact.attempts_max,
            "closes_at": fact.closes_at,
        }
    )


def _check_dispositions(shown: Sequence[ShownDisposition]) -> None:
    values = [each.value for each in shown]
    if len(set(values)) < len(values):
        raise PhoneBankInvalid("dispositions: name each one once.")
    first = sum(each.place == "first" for each in shown)
    if shown and not 1 <= first <= FIRST_MAX:
        raise PhoneBankInvalid(
            f"dispositions: show 1 to {FIRST_MAX} at once and put the others under more."
        )
    for each in shown:
        if each.value in NEVER_SHOWN:
            raise PhoneBankInvalid(f"dispositions: {each.value} is not for callers; leave it out.")
        if each.place == "hidden" and each.value in NEVER_HIDDEN:
            raise PhoneBankInvalid(
                f"dispositions: {each.value} cannot be hidden; callers must be able to say it."
            )
        if len(each.label) > LABEL_LENGTH_MAX or len(each.help) > HELP_LENGTH_MAX:
            raise PhoneBankInvalid(
                f"dispositions: {each.value}: give a label of {LABEL_LENGTH_MAX} characters at"
                f" most and an explanation of {HELP_LENGTH_MAX} at most."
            )
