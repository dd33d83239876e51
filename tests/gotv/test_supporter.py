"""Who is a supporter: the latest answer by call time, in whatever order answers arrive."""

import itertools
from typing import Any

import pytest

from libs.events.gotv import SupporterIdentified, SupporterLost
from services.gotv.domain.facts import SupportWeighed
from services.gotv.domain.supporter import SUPPORTER, WeighAnswer
from tests.results.moments import at
from tests.support.spec import spec

supporter = spec(SUPPORTER)


def answer(level: int, minutes: float = 0, **changed: Any) -> WeighAnswer:
    told: dict[str, Any] = {
        "campaign_id": "c1",
        "voter_id": "ann",
        "level": level,
        "call_id": f"call-{minutes}",
        "answered_at": at(minutes),
    }
    return WeighAnswer(**(told | changed))


def identified(level: int, minutes: float = 0) -> SupporterIdentified:
    return SupporterIdentified.model_validate(_said(level, minutes))


def lost(level: int, minutes: float = 0) -> SupporterLost:
    return SupporterLost.model_validate(_said(level, minutes))


def weighed(level: int, minutes: float = 0) -> SupportWeighed:
    return SupportWeighed.model_validate(_said(level, minutes))


def _said(level: int, minutes: float) -> dict[str, Any]:
    told = answer(level, minutes)
    return {name: getattr(told, name) for name in SupporterIdentified.model_fields}


@pytest.mark.parametrize("level", [1, 2])
def test_a_one_or_a_two_is_a_supporter(level) -> None:
    supporter.when(answer(level)).then(identified(level))


@pytest.mark.parametrize("level", [0, 3, 4, 5])
def test_nobody_else_is(level) -> None:
    supporter.when(answer(level)).then(weighed(level))


def test_the_campaigns_rule_decides() -> None:
    supporter.when(answer(3, supporter_levels=(1, 2, 3))).then(identified(3))
    supporter.when(answer(2, supporter_levels=(1,))).then(weighed(2))


@pytest.mark.parametrize("level", [0, 3, 5])
def test_a_later_answer_loses_the_supporter(level) -> None:
    supporter.given(identified(1)).when(answer(level, 5)).then(lost(level, 5))


def test_a_late_older_answer_changes_nothing() -> None:
    supporter.given(identified(1, 5)).when(answer(5, 2)).then()
    supporter.given(lost(5, 5)).when(answer(1, 2)).then()
    supporter.given(weighed(4, 5)).when(answer(1, 2)).then()


def test_saying_the_same_again_is_only_remembered() -> None:
    supporter.given(identified(1)).when(answer(1, 5)).then(weighed(1, 5))
    supporter.given(identified(1), weighed(1, 5)).when(answer(5, 3)).then()


def test_from_one_to_two_is_told() -> None:
    supporter.given(identified(1)).when(answer(2, 5)).then(identified(2, 5))


def test_the_same_answer_twice_changes_nothing() -> None:
    supporter.given(identified(1)).when(answer(1)).then()


def test_the_order_of_arrival_does_not_decide() -> None:
    answers = [answer(1, 1), answer(4, 2), answer(2, 3), answer(5, 3, call_id="call-3.0b")]
    ends = set()
    for order in itertools.permutations(answers):
        state = SUPPORTER.initial()
        for command in order:
            state = SUPPORTER.fold(SUPPORTER.decide(state, command), state)
        ends.add((state.is_supporter, state.level, state.answered_at))
    assert ends == {(False, 5, at(3))}
