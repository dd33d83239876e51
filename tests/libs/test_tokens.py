"""What a signed token says comes back as it was said; what it does not say is nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt

from libs.chassis.tokens import Grant, Principal, Tokens

AT = datetime(2026, 10, 5, 12, tzinfo=UTC)
ANN = Principal(
    caller_id="ann",
    session_id="s1",
    issued_at=AT,
    expires_at=AT + timedelta(minutes=10),
    grants=(Grant("lead", "c1"),),
    organization_id="o1",
    languages=("en", "español"),
    own_lines=("line1", "line2"),
    shut_campaigns=("c2",),
)


def test_a_token_says_who_asks_whole() -> None:
    assert Tokens("k" * 32).verify(Tokens("k" * 32).sign(ANN), AT) == ANN


def test_a_token_of_an_earlier_release_has_no_lines_and_no_languages() -> None:
    tokens = Tokens("k" * 32)
    claims = jwt.decode(tokens.sign(ANN), options={"verify_signature": False})
    del claims["languages"], claims["own_lines"], claims["shut_campaigns"]
    headers = {"typ": "at+jwt"}
    old = jwt.encode(claims, tokens._private, algorithm="EdDSA", headers=headers)
    principal = tokens.verify(old, AT)
    assert (principal.languages, principal.own_lines) == ((), ())
    assert principal.shut_campaigns == ()


def test_nothing_is_allowed_in_a_campaign_that_is_shut() -> None:
    assert ANN.may("correct", "c1")
    assert not replace(ANN, shut_campaigns=("c1",)).may("correct", "c1")
    assert not ANN.may("correct", None)
