"""What callers send: the shape of a call's results, and how it becomes the domain's words."""

import re
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from libs.chassis.tickets import TICKET_LIFE, Ticket
from libs.events.results import Disposition
from services.results.domain.answers import Given
from services.results.domain.errors import NotOnTicket, ResultInvalid
from services.results.domain.speaking import Marked, Promised

_LANGUAGE = re.compile(r"[^\W\d_]+(?:[ -][^\W\d_]+){0,3}")
LANGUAGE_LENGTH_MAX = 40

Aware = Annotated[datetime, msgspec.Meta(tz=True)]


class PromiseBody(msgspec.Struct):
    """A promised call: when, at which number, about what."""

    at: Aware
    number: str | None = None
    question: str | None = None


class ResultBody(msgspec.Struct):
    """How the call ended for one voter."""

    voter_id: str
    disposition: Disposition
    answers: dict[str, Given] = {}
    hearsay: str | None = None
    notes: str | None = None
    promise: PromiseBody | None = None
    language: str | None = None
    definite: bool = False


class CallBody(msgspec.Struct):
    """The results of one assignment, for some or all of its voters."""

    ticket: str
    spoke_with: str
    results: Annotated[list[ResultBody], msgspec.Meta(min_length=1, max_length=100)]
    device_time: datetime | None = None


class CorrectionBody(ResultBody, kw_only=True):
    """All that the call should have recorded of one voter; what is left out was not said."""

    spoke_with: str


def marked_in(body: CallBody, ticket: Ticket) -> list[Marked]:
    """What was marked, voter by voter. Raises NotOnTicket and ResultInvalid."""
    named = [result.voter_id for result in body.results]
    for at, voter_id in enumerate(named):
        if voter_id not in ticket.voter_ids:
            raise NotOnTicket(f"results[{at}].voter_id is not a voter of this ticket.")
        if voter_id in named[:at]:
            raise ResultInvalid(f"results[{at}].voter_id", "Send one result for each voter.")
    return [marked(result) for result in body.results]


def called_at(body: CallBody, ticket: Ticket, received_at: datetime) -> datetime:
    """When the call ended by the device's clock, as far as that can be.

    A call ends after its voters were handed out and before its result is received.
    """
    if body.device_time is None:
        return received_at
    said = body.device_time
    said = said.astimezone(UTC) if said.tzinfo else said.replace(tzinfo=UTC)
    handed_out_at = ticket.expires_at - TICKET_LIFE
    return _to_the_millisecond(min(max(said, handed_out_at), received_at))


def marked(result: ResultBody) -> Marked:
    """What was marked for one voter."""
    promise = result.promise
    promised = None
    if promise is not None:
        promised = Promised(
            at=_to_the_millisecond(promise.at.astimezone(UTC)),
            number=(promise.number or "").strip(),
            question=(promise.question or "").strip(),
        )
    language = (result.language or "").strip().lower()
    is_one = len(language) <= LANGUAGE_LENGTH_MAX and _LANGUAGE.fullmatch(language) is not None
    # What is no language's name is words about somebody, and goes where those go.
    notes = [result.notes or "", "" if is_one else language and f"language: {language}"]
    return Marked(
        voter_id=result.voter_id,
        disposition=result.disposition,
        answers=result.answers,
        hearsay=result.hearsay or "",
        notes="\n".join(filter(None, notes)),
        promised=promised,
        language=language if is_one else None,
        definite=result.definite,
    )


def _to_the_millisecond(at: datetime) -> datetime:
    """As MongoDB keeps it, so that a repeat is told from a change."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
