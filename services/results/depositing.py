"""What was heard becomes what is recorded: its texts go into the vault first."""

from collections.abc import Iterable, Sequence

from services.results.domain.call_commands import Result
from services.results.domain.call_state import Promise
from services.results.domain.speaking import Heard
from services.results.texts import Text, Texts


async def with_deposits(
    texts: Texts, campaign_id: str, assignment_id: str, actor: str, heard: Sequence[Heard]
) -> list[Result]:
    """The results as they are recorded. Raises Unavailable when the vault does not answer."""
    every = [text for each in heard for text in _texts_of(each)]
    ids = await texts.deposit(campaign_id, assignment_id, actor, every)

    def deposit_ids(each: Heard, kind: str) -> tuple[str, ...]:
        return tuple(ids[text] for text in _texts_of(each) if text.kind == kind)

    def promise(each: Heard) -> Promise | None:
        if each.promised is None:
            return None
        number, question = (
            next(iter(deposit_ids(each, kind)), None)
            for kind in ("promise_number", "promise_question")
        )
        return Promise(each.promised.at, number, question)

    return [
        Result(
            voter_id=each.voter_id,
            disposition=each.disposition,
            spoke_with=each.spoke_with,
            answers=each.answers,
            support=each.support,
            volunteer=each.volunteer,
            language=each.language,
            definite=each.definite,
            promise=promise(each),
            hearsay_deposit_ids=deposit_ids(each, "hearsay"),
            note_deposit_ids=deposit_ids(each, "note"),
        )
        for each in heard
    ]


def _texts_of(heard: Heard) -> Iterable[Text]:
    for words in heard.hearsay:
        yield Text(heard.voter_id, "hearsay", words)
    for words in heard.notes:
        yield Text(heard.voter_id, "note", words)
    if heard.promised is not None:
        if heard.promised.number:
            yield Text(heard.voter_id, "promise_number", heard.promised.number)
        if heard.promised.question:
            yield Text(heard.voter_id, "promise_question", heard.promised.question)
