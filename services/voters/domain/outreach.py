"""What the calls to one voter come to: when the last attempt was, and the support last told.

A set of calls, not a sequence: facts in any order and any number of times give the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from libs.events.results import CallDispositioned, CallSuperseded


@dataclass(frozen=True, slots=True)
class CallMade:
    """One call to the voter: the latest result of it, and whether another call took its place.

    A correction keeps the call's id and time, and is received later than what it corrects.
    """

    call_id: str
    called_at: datetime | None = None
    received_at: datetime | None = None
    support: int | None = None
    is_void: bool = False

    @property
    def counts(self) -> bool:
        """Whether it was an attempt, as far as is known."""
        return self.called_at is not None and not self.is_void


def learned(
    calls: Iterable[CallMade], fact: CallDispositioned | CallSuperseded
) -> tuple[CallMade, ...]:
    """The calls after a fact, by id."""
    by_id = {call.call_id: call for call in calls}
    call = by_id.get(fact.call_id, CallMade(fact.call_id))
    match fact:
        case CallDispositioned():
            told = replace(
                call,
                called_at=fact.called_at,
                received_at=fact.received_at,
                support=fact.support,
            )
            by_id[fact.call_id] = max(call, told, key=_recency)
        case CallSuperseded(by_call_id=by_call_id):
            # By the same call: a correction. The later result of that call says it all.
            by_id[fact.call_id] = replace(call, is_void=call.is_void or by_call_id != fact.call_id)
    return tuple(by_id[call_id] for call_id in sorted(by_id))


def last_attempt_at(calls: Iterable[CallMade]) -> datetime | None:
    """When the voter was called last; None for never."""
    return max((call.called_at for call in calls if call.counts and call.called_at), default=None)


def support_level(calls: Iterable[CallMade]) -> int | None:
    """What the voter told last: 1 to 5, 0 would not say; None for nothing yet."""
    telling = [call for call in calls if call.counts and call.support is not None]
    return max(telling, key=_call_time).support if telling else None


def _recency(call: CallMade) -> tuple[float, int]:
    """By the time of receiving; of two at one time always the same one."""
    told = -1 if call.support is None else call.support
    return (call.received_at.timestamp() if call.received_at else float("-inf"), told)


def _call_time(call: CallMade) -> tuple[float, str]:
    return (call.called_at.timestamp() if call.called_at else float("-inf"), call.call_id)
