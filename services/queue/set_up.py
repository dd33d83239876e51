"""What organizers' pages show of a phone bank: its settings for a form, and what is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from libs.hours import DEFAULT_HOURS, CallingHours, DateHours, Weekday, Window
from libs.views.view import Row
from services.queue.calls_page import PURPOSES
from services.queue.choices import choices_of
from services.queue.domain.bank_settings import (
    ATTEMPTS_MAX,
    NEVER_HIDDEN,
    Wording,
    settings_of,
)
from services.queue.domain.phone_bank import PhoneBank
from services.queue.states import STATES

STAGES = {
    "created": ("Not open yet", "Nobody can call yet. Open it when everything is ready."),
    "open": ("Open", "It is on the Calls Page, and callers are handed voters."),
    "paused": ("Paused", "Nobody is handed a new voter; who is calling may finish."),
    "closed": ("Closed", "It has ended for good. Clone it to call the same voters again."),
}
UNIVERSES_SHOWN = 200
STARTER = """# Opening
Hello, may I speak with {first_name|the voter}?
My name is … and I am a volunteer with {candidate}'s campaign.

? support: If the election were today, would you vote for {candidate}?
- Surely {candidate}
- Leaning {candidate}
- Undecided
- Leaning other
- Surely other -> end
- Would not say

[if support = 3] What would you like to know about {candidate}?

# Helping
[if support <= 2]
? volunteer: We win by neighbours talking to neighbours. Will you volunteer with us?

## Thanks
Thank you for your time, {first_name|friend}, and have a good evening!

## Who is calling
I am a volunteer, calling for {candidate}. Paid for by …

## Tips for callers
Be brief, smile, and thank the voter. Every call is a good call.
"""


@dataclass(frozen=True, slots=True)
class Need:
    """One line of the list of what a bank needs; `address` is where to see to it."""

    is_met: bool
    words: str
    address: str = ""


def days_of(hours: CallingHours) -> list[dict[str, Any]]:
    """The week as a form shows it: the usual hours are the frame, the bank's own are within."""
    usual = {entry.day: entry.window for entry in DEFAULT_HOURS.days}
    chosen = {entry.day: entry.window for entry in hours.days}
    return [_day(day, usual[day], chosen.get(day, usual[day])) for day in Weekday]


def dates_as_text(dates: Iterable[DateHours]) -> str:
    """One date a line, as the form takes them back."""
    return "\n".join(
        f"{each.date.isoformat()} closed"
        if each.window.opens == each.window.closes
        else f"{each.date.isoformat()} {each.window.opens:%H:%M}-{each.window.closes:%H:%M}"
        for each in dates
    )


def new_bank(universe_id: str) -> dict[str, Any]:
    """The form of a bank that is still to be set up."""
    return {
        "id": "",
        "name": "",
        "candidate": "",
        "state": "",
        "purpose": "identification",
        "universe_id": universe_id,
        "practice": False,
        "attempts_max": ATTEMPTS_MAX,
        "messages_allowed": False,
        "message_words": "",
        "caller_note": "",
        "organization_ids": (),
        "closes_at": None,
        "days": days_of(DEFAULT_HOURS),
        "dates": "",
        "dispositions": _dispositions(Wording()),
    }


def bank_as_form(bank: PhoneBank) -> dict[str, Any]:
    """A bank's settings, for the form and its lists."""
    created = bank.creation
    hours = CallingHours.model_validate(created.hours)
    label, meaning = STAGES[bank.stage]
    return settings_of(created, bank.wording) | {
        "id": created.bank_id,
        "state": created.state,
        "universe_id": created.universe_id,
        "practice": created.practice,
        "purpose_label": PURPOSES[created.purpose],
        "stage": bank.stage,
        "stage_label": label,
        "stage_meaning": meaning,
        "script_version": len(bank.scripts),
        "closes_at": created.closes_at.isoformat() if created.closes_at else None,
        "days": days_of(hours),
        "dates": dates_as_text(hours.dates),
        "dispositions": _dispositions(bank.wording),
    }


def choices(
    universes: Sequence[Row], organizations: Sequence[Row], universe_id: str
) -> dict[str, Any]:
    """What can be chosen in the form: of many universes the first, and the one of this id."""
    shown = [
        (each["_id"], each["name"])
        for at, each in enumerate(universes)
        if at < UNIVERSES_SHOWN or each["_id"] == universe_id
    ]
    return {
        "universes": shown,
        "universes_left_out": len(universes) - len(shown),
        "organizations": [{"id": each["_id"], "name": each["name"]} for each in organizations],
        "purposes": PURPOSES,
        "states": STATES,
    }


def sharing(bank: PhoneBank, others: Iterable[PhoneBank]) -> list[str]:
    """The names of the campaign's other banks that call the same universe and have not ended."""
    created = bank.creation
    return sorted(
        other.creation.name
        for other in others
        if other.creation.universe_id == created.universe_id
        and other.creation.bank_id != created.bank_id
        and other.stage != "closed"
    )


def needs_of(
    bank: PhoneBank, voters: int, organizations: Sequence[Mapping[str, Any]], place: str
) -> list[Need]:
    """What a bank needs before callers can work through it, met or not."""
    created = bank.creation
    hours = CallingHours.model_validate(created.hours)
    open_days = sum(each.window.opens < each.window.closes for each in hours.days)
    callers = created.organization_ids or organizations
    needs = [
        Need(
            bool(bank.scripts),
            f"A script is published (version {len(bank.scripts)})."
            if bank.scripts
            else "There is no script yet: callers must know what to say, and who is calling.",
            f"{place}/set-up/{created.bank_id}/script",
        ),
        Need(
            voters > 0,
            f"{voters:,} voters are left to call."
            if voters
            else "Nobody in this universe can be called: it is empty, or all have been reached.",
            f"{place}/universes",
        ),
        Need(
            open_days > 0,
            f"Calling is allowed on {open_days} days a week."
            if open_days
            else "No day of the week has any hours left.",
            "#hours",
        ),
        Need(
            bool(callers),
            f"{len(callers)} organizations may call."
            if len(callers) != 1
            else "1 organization may call.",
            "#organizations",
        ),
    ]
    if created.messages_allowed:
        words = bool(bank.wording.message_words)
        sentence = "The words for messages are there." if words else "Say what a message says."
        needs.append(Need(words, sentence, "#messages"))
    return needs


def _day(day: Weekday, usual: Window, chosen: Window) -> dict[str, Any]:
    is_closed = chosen.opens >= chosen.closes
    shown = usual if is_closed else chosen
    return {
        "name": str(day),
        "label": str(day).title(),
        "usual_opens": f"{usual.opens:%H:%M}",
        "usual_closes": f"{usual.closes:%H:%M}",
        "opens": f"{shown.opens:%H:%M}",
        "closes": f"{shown.closes:%H:%M}",
        "is_closed": is_closed,
    }


def _dispositions(wording: Wording) -> list[dict[str, Any]]:
    return [
        {
            "value": str(each.choice.value),
            "label": each.label,
            "help": each.help,
            "usual_label": each.choice.label,
            "usual_help": each.choice.help,
            "place": each.place,
            "may_hide": each.choice.value not in NEVER_HIDDEN,
        }
        for each in choices_of(wording.dispositions)
    ]
