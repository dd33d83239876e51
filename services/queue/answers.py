"""What a caller reads: an assignment as JSON, with the script filled in and the ticket signed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from libs.chassis.tickets import TICKET_LIFE, Ticket, TicketOffice
from libs.chassis.vault import Card
from libs.hours import closes_at
from services.queue.entries import number_of
from services.queue.promises import PromiseInWords
from services.queue.showing import Shown

CLOSING_SOON = timedelta(minutes=30)
PRACTICE_NOTE = "Practice: real voters could not be called at this hour."
OVER_NOTE = "Calling hours are over for this voter. Please record how the call ended."


def assignment_answer(shown: Shown, office: TicketOffice, now: datetime) -> bytes:
    """The JSON of an assignment; the same for a repeated request but for the clock's fields."""
    assigned, bank = shown.assigned, shown.bank
    script = next(s for s in bank.scripts if s.version == assigned.script_version)
    voters = [
        _voter(voter_id, shown, now) for voter_id in assigned.voter_ids if voter_id in shown.cards
    ]
    first = shown.cards[voters[0]["voter_id"]]
    ticket = Ticket(
        caller_id=assigned.caller_id,
        campaign_id=assigned.campaign_id,
        bank_id=assigned.bank_id,
        assignment_id=assigned.assignment_id,
        line_id=assigned.line_id,
        line_version=shown.line_version,
        voter_ids=assigned.voter_ids,
        script_version=assigned.script_version,
        slot=assigned.slot,
        organization_id=assigned.organization_id,
        support_question=script.support_question,
        volunteer_question=script.volunteer_question,
        expires_at=assigned.assigned_at + TICKET_LIFE,
    )
    return orjson.dumps(
        {
            "assignment_id": assigned.assignment_id,
            "campaign_id": assigned.campaign_id,
            "bank_id": assigned.bank_id,
            "ticket": office.sign(ticket),
            "lease_expires_at": shown.lease_expires_at,
            "practice": bank.created.practice,
            "hours_note": _hours_note(shown, now),
            "line": _line(shown, first),
            "voters": voters,
            "script": script.filled(
                {
                    "voter.first_name": first.first_name,
                    "voter.city": first.city,
                    "candidate": bank.created.candidate,
                }
            ),
            "dispositions": bank.dispositions,
            "note": bank.wording.caller_note or None,
            "message_words": (
                bank.wording.message_words or None if bank.created.messages_allowed else None
            ),
            "progress": {"calls_today": shown.calls_today},
        }
    )


def _voter(voter_id: str, shown: Shown, now: datetime) -> dict[str, Any]:
    """What the caller sees of a voter; the local time is that of the first zone in doubt.

    `other_numbers`: how many more the voter has, callable or not.
    """
    card = shown.cards[voter_id]
    known = card.zones or shown.zones.get(voter_id, ())
    zone = known[0] if known else "UTC"
    return {
        "voter_id": voter_id,
        "name": card.name,
        "first_name": card.first_name,
        "age": card.age,
        "party": card.party,
        "city": card.city,
        "state": card.state,
        "zones": known,
        "local_time": now.astimezone(ZoneInfo(zone)).isoformat(),
        "local_time_zone": zone,
        "other_numbers": sum(line.line_id != shown.assigned.line_id for line in card.lines),
        "promise": _promise(shown.promises.get(voter_id), shown, zone),
    }


def _promise(kept: PromiseInWords | None, shown: Shown, zone: str) -> dict[str, Any] | None:
    """What the voter was promised; the number given is shown only while it may be called."""
    if kept is None:
        return None
    return {
        "at": kept.promise.at,
        "local_at": kept.promise.at.astimezone(ZoneInfo(zone)).isoformat(),
        "by_you": kept.promise.caller_id == shown.assigned.caller_id,
        "number": kept.number if shown.numbers_shown else None,
        "question": kept.question,
        "is_whole": kept.is_whole,
    }


def _line(shown: Shown, card: Card) -> Mapping[str, Any]:
    """The number; outside the hours it is not shown again, though the result may be recorded."""
    number = number_of(card, shown.assigned.line_id)
    visible = shown.numbers_shown and number is not None
    return {
        "line_id": shown.assigned.line_id,
        "e164": number.e164 if number and visible else "",
        "display": number.display if number and visible else "",
        "fictional": number.fictional if number else False,
    }


def _hours_note(shown: Shown, now: datetime) -> str | None:
    zones = {zone for each in shown.zones.values() for zone in each}
    ends = closes_at(zones, shown.bank.hours, now)
    if shown.bank.created.practice:
        return PRACTICE_NOTE if ends is None else None
    if ends is None:
        return OVER_NOTE
    if ends - now > CLOSING_SOON:
        return None
    minutes = int((ends - now).total_seconds() // 60)
    return f"Calling hours for this voter end in {minutes} minutes."
