"""A caller's hand in a phone bank: up while the caller waits for help, else down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from libs.decider import Decider
from libs.events.queue import HandLowered, HandRaised
from services.queue.domain.errors import AnotherIsOnIt, HandTakenBack

HandFact = HandRaised | HandLowered


@dataclass(frozen=True, slots=True)
class Hand:
    """`raised`: since when and in which bank; None while the hand is down.

    `lowered`: who took it down last; None while it is up, or never was.
    """

    raised: HandRaised | None = None
    lowered: HandLowered | None = None


@dataclass(frozen=True, slots=True)
class RaiseHand:
    """The caller asks for help."""

    campaign_id: str
    bank_id: str
    caller_id: str
    organization_id: str | None
    assignment_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class LowerHand:
    """Somebody takes the hand down: its caller, or a lead who saw it."""

    lowered_by: str
    at: datetime


HandCommand = RaiseHand | LowerHand


def evolve(_: Hand, fact: HandFact) -> Hand:
    """The hand after a fact."""
    match fact:
        case HandRaised():
            return Hand(raised=fact)
        case HandLowered():
            return Hand(lowered=fact)


def decide(hand: Hand, command: HandCommand) -> Sequence[HandFact]:
    """The facts that follow; raising a hand that is up, or lowering one's own again, is none.

    A lead who comes late is told so, for two who both think they help are one too many.
    """
    match command:
        case RaiseHand():
            return [] if hand.raised is not None else [_raised(command)]
        case LowerHand():
            if hand.raised is None:
                _check_is_late(hand.lowered, command)
                return []
            return [_lowered(hand.raised, command)]
        case _:
            assert_never(command)


HAND: Decider[Hand, HandCommand, HandFact] = Decider(Hand, evolve, decide)


def _raised(command: RaiseHand) -> HandRaised:
    return HandRaised(
        campaign_id=command.campaign_id,
        bank_id=command.bank_id,
        caller_id=command.caller_id,
        organization_id=command.organization_id,
        raised_at=command.at,
        assignment_id=command.assignment_id,
    )


def _check_is_late(lowered: HandLowered | None, command: LowerHand) -> None:
    if lowered is None or command.lowered_by in {lowered.lowered_by, lowered.caller_id}:
        return
    raise AnotherIsOnIt if lowered.by == "lead" else HandTakenBack


def _lowered(raised: HandRaised, command: LowerHand) -> HandLowered:
    return HandLowered(
        campaign_id=raised.campaign_id,
        bank_id=raised.bank_id,
        caller_id=raised.caller_id,
        by="caller" if command.lowered_by == raised.caller_id else "lead",
        lowered_by=command.lowered_by,
        lowered_at=command.at,
    )
