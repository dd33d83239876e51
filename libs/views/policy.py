"""How a policy names its commands, so that a repeated fact leads to nothing new."""

import hashlib
from datetime import datetime

from libs.events.base import Recorded
from libs.eventstore.store import Meta, Request


def policy_id(policy: str, fact_id: str, stream: str) -> str:
    """`policy/ce_id/stream`, hashed to a fixed length."""
    named = f"policy\0{policy}\0{fact_id}\0{stream}".encode()
    return hashlib.blake2b(named, digest_size=16).hexdigest()


def policy_request(policy: str, fact: Recorded, stream: str, now: datetime) -> Request:
    """The id and envelope of the command that `policy` makes of `fact`."""
    campaign_id = getattr(fact.event, "campaign_id", None) or ""
    meta = Meta(
        at=now,
        actor=f"policy/{policy}",
        campaign_id=campaign_id,
        correlation_id=fact.correlation_id,
        causation_id=fact.id,
        traceparent=fact.traceparent,
    )
    return Request(policy_id(policy, fact.id, stream), meta)
