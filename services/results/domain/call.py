"""One call: a result for each voter of an assignment, whenever they come, and however often."""

from collections.abc import Sequence
from typing import assert_never

from libs.decider import Decider
from libs.events.results import CallDispositioned
from services.results.domain.beside import promise_and_offer, texts
from services.results.domain.call_commands import CallCommand, CorrectCall, RecordCall, Result
from services.results.domain.call_state import Call, CallFact, evolve, is_later, is_same
from services.results.domain.correcting import correct, superseded


def decide(call: Call, command: CallCommand) -> Sequence[CallFact]:
    """Record what is not known yet: nothing is refused, every call is a good call. Or correct."""
    match command:
        case RecordCall():
            facts: list[CallFact] = []
            for result in command.results:
                facts += _recorded(call, command, result)
            return facts
        case CorrectCall():
            return correct(call, command)
        case _:
            assert_never(command)


def _recorded(call: Call, command: RecordCall, result: Result) -> list[CallFact]:
    held = call.counted.get(result.voter_id)
    said = _dispositioned(
        command, result, command.call_id if held is None else command.other_call_id
    )
    known = _known(call, said)
    if known is not None:
        # The caller's phone sent it again; saying it twice changes nothing.
        counts = known is held
        return [*texts(call, result, known), *_beside(call, result, known, counts=counts)]
    counts = held is None or is_later(said, held)
    facts: list[CallFact] = [said]
    if held is not None:
        later, earlier = (said, held) if counts else (held, said)
        facts.append(superseded(earlier, by_call_id=later.call_id))
    return [*facts, *texts(call, result, said), *_beside(call, result, said, counts=counts)]


def _known(call: Call, said: CallDispositioned) -> CallDispositioned | None:
    """The result that this one repeats: what counts, or what was told of the same moment before.

    So what a phone sends again late does not undo what was corrected since.
    """
    held = call.counted.get(said.voter_id)
    if held is not None and is_same(said, held):
        return held
    return next(
        (
            fact
            for fact in call.heard.get(said.voter_id, ())
            if fact.called_at == said.called_at and is_same(said, fact)
        ),
        None,
    )


def _beside(
    call: Call, result: Result, said: CallDispositioned, *, counts: bool
) -> Sequence[CallFact]:
    return promise_and_offer(call, result, said) if counts else ()


def _dispositioned(command: RecordCall, result: Result, call_id: str) -> CallDispositioned:
    return CallDispositioned(
        campaign_id=command.campaign_id,
        voter_id=result.voter_id,
        voter_ids=command.voter_ids,
        call_id=call_id,
        assignment_id=command.assignment_id,
        bank_id=command.bank_id,
        line_id=command.line_id,
        caller_id=command.caller_id,
        organization_id=command.organization_id,
        script_version=command.script_version,
        disposition=result.disposition,
        spoke_with=result.spoke_with,
        answers=dict(result.answers),
        support=result.support,
        volunteer=result.volunteer,
        call_back_at=result.promise.at if result.promise else None,
        language=result.language,
        definite=result.definite,
        called_at=command.called_at,
        received_at=command.received_at,
    )


CALL: Decider[Call, CallCommand, CallFact] = Decider(Call, evolve, decide)
