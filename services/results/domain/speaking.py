"""Who said it: only the voter answers, supports or refuses for the voter; the rest is hearsay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.events.results import AnswerValue, Disposition, SpokeWith
from services.results.domain.answers import Given, Meanings, Question, understand
from services.results.domain.errors import ResultInvalid

OTHER = "other"
NOBODY = "nobody"
# The voter's own to say. From anybody else they mean: the voter did not come to the phone.
_VOTERS_OWN = frozenset({Disposition.REFUSED, Disposition.CANVASSED})


@dataclass(frozen=True, slots=True)
class Promised:
    """A call promised for a time, with the number and the open question as they were written."""

    at: datetime
    number: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """What the caller marked for one voter, as it came."""

    voter_id: str
    disposition: Disposition
    answers: Mapping[str, Given]
    hearsay: str = ""
    notes: str = ""
    promised: Promised | None = None
    language: str | None = None
    definite: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What counts of it. `hearsay` and `notes` are texts about a person: for the vault."""

    voter_id: str
    disposition: Disposition
    spoke_with: SpokeWith
    answers: Mapping[str, AnswerValue]
    support: int | None
    volunteer: bool | None
    promised: Promised | None
    language: str | None
    definite: bool
    hearsay: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def seen_from(voter_id: str, spoke_with: str, voter_ids: Sequence[str]) -> SpokeWith:
    """Who was spoken to, from where this voter stands. Raises ResultInvalid."""
    if spoke_with == voter_id:
        return "voter"
    if spoke_with in voter_ids:
        return "other_voter"
    if spoke_with == OTHER:
        return "other"
    if spoke_with == NOBODY:
        return "nobody"
    raise ResultInvalid("spoke_with", "Send the id of a voter of this line, 'other' or 'nobody'.")


def hear(
    marked: Marked,
    spoke_with: SpokeWith,
    questions: Mapping[str, Question] | None,
    meanings: Meanings,
    place: str = "",
) -> Heard:
    """What counts of what was marked. Raises ResultInvalid for a call-back without a time.

    `place` says where in the request it stands, as `results[0].`.
    """
    if marked.disposition is Disposition.CALL_BACK and marked.promised is None:
        raise ResultInvalid(
            f"{place}promise.at", "When shall we call back? Send a time with its zone."
        )
    if spoke_with == "voter":
        return _from_the_voter(marked, questions, meanings)
    return _from_somebody_else(marked, spoke_with)


def _from_the_voter(
    marked: Marked, questions: Mapping[str, Question] | None, meanings: Meanings
) -> Heard:
    sheet = understand(marked.answers, questions, meanings)
    # The voter's own words are no hearsay, and are not lost for coming under that name.
    notes = _texts(marked.notes, marked.hearsay, *sheet.texts)
    return Heard(
        voter_id=marked.voter_id,
        disposition=marked.disposition,
        spoke_with="voter",
        answers=sheet.answers,
        support=sheet.support,
        volunteer=sheet.volunteer,
        promised=marked.promised,
        language=marked.language,
        definite=marked.definite,
        notes=notes,
        remarks=tuple(sheet.notes),
    )


def _from_somebody_else(marked: Marked, spoke_with: SpokeWith) -> Heard:
    disposition = marked.disposition
    remarks: list[str] = []
    said = [marked.hearsay]
    if disposition in _VOTERS_OWN:
        disposition = Disposition.NOT_HOME
        remarks.append(
            f"Only the voter can be '{marked.disposition}': "
            "kept as not home, and the voter is called again."
        )
    answered = {name: value for name, value in marked.answers.items() if value not in (None, "")}
    if answered:
        remarks.append("Answers count only from the voter: kept as hearsay.")
    if spoke_with != "nobody" and not marked.hearsay.strip():
        said += _as_hearsay(marked.disposition, answered)
    return Heard(
        voter_id=marked.voter_id,
        disposition=disposition,
        spoke_with=spoke_with,
        answers={},
        support=None,
        volunteer=None,
        promised=marked.promised,
        language=marked.language,
        definite=marked.definite,
        hearsay=_texts(*said),
        notes=_texts(marked.notes),
        remarks=tuple(remarks),
    )


def _as_hearsay(disposition: Disposition, answered: Mapping[str, Given]) -> list[str]:
    """What was marked in somebody else's name, in words, so that it is not lost."""
    said = []
    if disposition is Disposition.REFUSED:
        said.append("Somebody else asked that this voter be left alone.")
    said += [f"Somebody else answered {name}: {value}." for name, value in answered.items()]
    return [" ".join(said)] if said else []


def _texts(*texts: str) -> tuple[str, ...]:
    """Each text once, without empty ones."""
    return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))
