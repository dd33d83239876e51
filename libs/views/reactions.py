"""Runs a policy: facts of one key in order, different keys side by side, each until it is done."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby

import structlog
from prometheus_client import Counter, Gauge

from libs.database import PyMongoError
from libs.events.base import Recorded
from libs.views.parking import Parked, Parking
from libs.views.patience import PAUSE_SECONDS_FIRST, is_transient, patiently
from libs.views.view import Policy

KEYS_AT_ONCE = 256
ATTEMPTS_MAX = 3

log = structlog.get_logger()

_reactions = Counter("phonebank_policy_reactions", "Facts reacted to.", ["policy"])
_lag = Gauge("phonebank_policy_lag_seconds", "Age of the last fact reacted to.", ["policy"])


def policy_name(policy: Policy) -> str:
    """A policy's name in `parked` and `view_state`."""
    return f"policy/{policy.name}"


class PolicyRunner:
    """Reacts to batches of facts; a repeated fact costs one refused append and changes nothing.

    What `passes` says passes is tried again in place for ever; anything else that `react` raises
    three times parks the fact under its Kafka key, and the later facts of that key behind it. An
    error of the database that does not pass is raised, for it says nothing about the fact. Facts
    that the policy cannot react to together, for whatever reason, are reacted to one by one.
    """

    def __init__(
        self,
        policy: Policy,
        parking: Parking,
        now: Callable[[], datetime],
        *,
        passes: Callable[[BaseException], bool] = is_transient,
    ) -> None:
        self.policy = policy
        self.name = policy_name(policy)
        self.types = frozenset(event.TYPE for event in policy.listens)
        self._listens = frozenset(policy.listens)
        self._parking = parking
        self._passes = passes
        self._now = now
        self._slots = asyncio.Semaphore(KEYS_AT_ONCE)

    async def apply(self, batch: Sequence[Recorded]) -> None:
        """Return when every fact of the batch has been reacted to or parked."""
        facts = [fact for fact in batch if type(fact.event) in self._listens]
        if not facts:
            return
        if self._parking.any_held():
            await self._parking.confirm(self.name, (), facts)
        turns: dict[tuple[str, str], list[Recorded]] = {}
        for fact in facts:
            turns.setdefault((fact.topic, self.policy.turn(fact)), []).append(fact)
        async with asyncio.TaskGroup() as reacting:
            for turn in turns.values():
                reacting.create_task(self._in_turn(turn))
        _lag.labels(self.policy.name).set((self._now() - facts[-1].at).total_seconds())

    async def park_unreadable(self, entry: Parked) -> None:
        """Set aside a fact this process cannot decode; later ones with its Kafka key follow it."""
        await self._parking.park([entry])

    async def react(self, fact: Recorded) -> str | None:
        """React to one fact, whatever is parked. What it said when it cannot be done, else None."""
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                await patiently(
                    lambda: self.policy.react(fact), asking=self.name, passes=self._passes
                )
            except (MemoryError, PyMongoError):
                raise
            except Exception as error:
                log.exception(
                    "policy failed", policy=self.policy.name, fact=fact.id, attempt=attempt
                )
                if attempt == ATTEMPTS_MAX:
                    return type(error).__name__
                await asyncio.sleep(PAUSE_SECONDS_FIRST * attempt)
            else:
                break
        _reactions.labels(self.policy.name).inc()
        return None

    async def _in_turn(self, facts: Sequence[Recorded]) -> None:
        async with self._slots:
            for _, neighbours in groupby(facts, key=lambda fact: fact.commit_id):
                together = list(neighbours)
                if not await self._react_together(together):
                    for fact in together:
                        await self._react_or_park(fact)

    async def _react_together(self, facts: Sequence[Recorded]) -> bool:
        """Whether the facts of one commit were all reacted to at once."""
        react_together = self.policy.react_together
        if react_together is None or len(facts) == 1 or any(map(self._is_held, facts)):
            return False
        try:
            done = await patiently(
                lambda: react_together(facts), asking=self.name, passes=self._passes
            )
        except MemoryError:
            raise
        except Exception:
            # One by one shows which fact is at fault, or that none is.
            log.exception("policy failed together", policy=self.policy.name, fact=facts[-1].id)
            return False
        if done:
            _reactions.labels(self.policy.name).inc(len(facts))
        return done

    async def _react_or_park(self, fact: Recorded) -> None:
        reason: str | None = "follows a parked fact"
        if not self._is_held(fact):
            reason = await self.react(fact)
        if reason is not None:
            await self._parking.park([Parked.fact(self.name, None, fact, reason)])

    def _is_held(self, fact: Recorded) -> bool:
        return self._parking.holds_key(self.name, fact.topic, fact.event.key)
