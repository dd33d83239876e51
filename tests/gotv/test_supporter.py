"""Who is a supporter: the latest answer that stands, in whatever order answers arrive."""

import itertools
from typing import Any

import pytest

from libs.events.gotv import SupporterIdentified, SupporterLost
from services.gotv.domain.facts import SupportWeighed
from services.gotv.domain.supporter import SUPPORTER, TakeBackAnswer, WeighAnswer
from tests.results.moments import at
from tests.support.spec import Asked, spec

supporter = spec(SUPPORTER)


def answer(level: int, minutes: float = 0, **changed: Any) -> WeighAnswer:
    """An answer in a call of that minute."""
    told: dict[str, Any] = {
        "campaign_id": "c1",
        "voter_id": "ann",
        "level": level,
        "call_id": f"call-{minutes}",
        "answered_at": at(minutes),
        "received_at": at(minutes),
    }
    return WeighAnswer(**(told | changed))


def corrected(level: int, minutes: float = 0, *, after: float = 1) -> WeighAnswer:
    """The call of that minute said this, as it turned out so long after it."""
    return answer(level, minutes, received_at=at(minutes + after))


def slip(minutes: float = 0, *, after: float = 1) -> TakeBackAnswer:
    """The call of that minute said nothing of support, as it turned out so long after it."""
    return TakeBackAnswer("c1", "ann", f"call-{minutes}", at(minutes + after))


def identified(level: int, minutes: float = 0) -> SupporterIdentified:
    return SupporterIdentified.model_validate(_said(level, minutes))


def lost(level: int, minutes: float = 0) -> SupporterLost:
    return SupporterLost.model_validate(_said(level, minutes))


def weighed(level: int, minutes: float = 0) -> SupportWeighed:
    """As it was recorded before there were corrections."""
    return SupportWeighed.model_validate(_said(level, minutes))


def told(asked: Asked) -> list[Any]:
    """What others are told."""
    return [fact for fact in asked.facts() if not isinstance(fact, SupportWeighed)]


def _said(level: int, minutes: float) -> dict[str, Any]:
    named = answer(level, minutes)
    return {name: getattr(named, name) for name in SupporterIdentified.model_fields}


@pytest.mark.parametrize("level", [1, 2])
def test_a_one_or_a_two_is_a_supporter(level) -> None:
    assert told(supporter.when(answer(level))) == [identified(level)]


@pytest.mark.parametrize("level", [0, 3, 4, 5])
def test_nobody_else_is(level) -> None:
    assert told(supporter.when(answer(level))) == []


def test_the_campaigns_rule_decides() -> None:
    assert told(supporter.when(answer(3, supporter_levels=(1, 2, 3)))) == [identified(3)]
    assert told(supporter.when(answer(2, supporter_levels=(1,)))) == []


FOR_US = (supporter.done(answer(1)), supporter.given(identified(1)))


@pytest.mark.parametrize("known", FOR_US, ids=["today", "before corrections"])
@pytest.mark.parametrize("level", [0, 3, 5])
def test_a_later_answer_loses_the_supporter(level, known) -> None:
    assert told(known.when(answer(level, 5))) == [lost(level, 5)]


def test_a_late_older_answer_is_remembered_and_tells_nothing() -> None:
    for first, late in ((1, 5), (5, 1), (4, 1)):
        known = supporter.done(answer(first, 5))
        assert told(known.when(answer(late, 2))) == []
        assert len(known.when(answer(late, 2)).facts()) == 1
    for facts in ((identified(1, 5),), (identified(1), lost(5, 5)), (weighed(4, 5),)):
        assert told(supporter.given(*facts).when(answer(3, 2))) == []


def test_saying_the_same_again_is_only_remembered() -> None:
    again = supporter.done(answer(1), answer(1, 5))
    assert told(again.when(answer(5, 3))) == []


def test_from_one_to_two_is_told() -> None:
    assert told(supporter.done(answer(1)).when(answer(2, 5))) == [identified(2, 5)]


@pytest.mark.parametrize("known", FOR_US, ids=["today", "before corrections"])
def test_the_same_answer_twice_changes_nothing(known) -> None:
    known.when(answer(1)).then()


def test_the_order_of_arrival_does_not_decide() -> None:
    answers = [answer(1, 1), answer(4, 2), answer(2, 3), answer(5, 3, call_id="call-3.0b")]
    ends = set()
    for order in itertools.permutations(answers):
        state = SUPPORTER.initial()
        for command in order:
            state = SUPPORTER.fold(SUPPORTER.decide(state, command), state)
        ends.add((state.identified_by, state.latest))
    assert ends == {(None, "call-3.0b")}


# Corrections

ONE, FIVE_THEN_ONE, ONE_THEN_FIVE, ONE_TWICE = (
    (answer(1),),
    (answer(5), answer(1, 20)),
    (answer(1), answer(5, 20)),
    (answer(1), answer(1, 20)),
)
CORRECTIONS = [
    # what calls said, the correction, what others are told, the level by which a supporter stands
    (ONE, corrected(2), [identified(2)], 2),
    (ONE, corrected(5), [lost(5)], None),
    (ONE, slip(), [lost(1)], None),
    ((answer(5),), corrected(1), [identified(1)], 1),
    ((answer(5),), slip(), [], None),
    # The answer before the one taken back counts again.
    (FIVE_THEN_ONE, slip(20), [lost(5)], None),
    (ONE_THEN_FIVE, slip(20), [identified(1)], 1),
    (ONE_TWICE, slip(20), [], 1),
    # A correction of an earlier call does not weigh more than a later call.
    (FIVE_THEN_ONE, corrected(4, after=40), [], 1),
    (FIVE_THEN_ONE, slip(after=40), [], 1),
    (ONE_THEN_FIVE, corrected(2, after=40), [], None),
]


@pytest.mark.parametrize(("said", "correction", "others_hear", "stands"), CORRECTIONS)
def test_after_a_correction_the_latest_answer_that_stands_counts(
    said, correction, others_hear, stands
) -> None:
    history = supporter.done(*said)
    assert told(history.when(correction)) == others_hear
    history = history.done(correction)
    assert history.decider.fold(history.facts).identified_by == stands
    # It comes twice, and what it corrected comes again: nothing changes.
    history.when(correction).then()
    assert told(history.when(said[0])) == []
    assert told(history.when(said[-1])) == []


def test_an_answer_of_before_corrections_is_corrected_like_any_other() -> None:
    known = supporter.given(weighed(5), identified(1, 20))
    assert told(known.when(slip(20))) == [lost(5)]
    assert told(known.when(corrected(2, 20))) == [identified(2, 20)]


def test_a_slip_put_right_twice_counts_as_the_last_one_says() -> None:
    known = supporter.done(answer(1), slip(after=1), corrected(2, after=2))
    assert told(known.when(corrected(4, after=3))) == [lost(4)]
    known.when(slip(after=1)).then()
    known.when(corrected(1, after=1)).then()


def test_what_nobody_said_is_not_taken_back() -> None:
    supporter.when(slip()).then()
