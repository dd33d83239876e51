"""How a commit lies in MongoDB, and how it is read back."""

from collections.abc import Iterator
from typing import Any

from libs.database import Document
from libs.events.base import Event, Recorded, decode
from libs.eventstore.position import partition_of, position_of
from libs.eventstore.store import Commit, Meta


def to_document(commit: Commit) -> Document:
    """The commit as one document; `claims` is absent when there are none (a partial index)."""
    meta = commit.meta
    document: Document = {
        "_id": commit.id,
        "stream": commit.stream,
        "version": commit.version,
        "facts": [
            {
                "type": fact.TYPE,
                "version": fact.VERSION,
                "key": fact.key,
                "payload": fact.model_dump(mode="json"),
            }
            for fact in commit.facts
        ],
        "meta": {
            "at": meta.at,
            "actor": meta.actor,
            "campaign_id": meta.campaign_id,
            "correlation_id": meta.correlation_id,
            "causation_id": meta.causation_id,
            "traceparent": meta.traceparent,
            "device_at": meta.device_at,
            "fingerprint": meta.fingerprint,
        },
    }
    if commit.claims:
        document["claims"] = list(commit.claims)
    return document


def to_commit(document: Document) -> Commit:
    """The commit of a document. Raises UnknownEvent for a fact not declared in this process."""
    return Commit(
        id=document["_id"],
        stream=document["stream"],
        version=document["version"],
        facts=tuple(facts_of(document)),
        meta=Meta(**document["meta"]),
        claims=tuple(document.get("claims", ())),
    )


def facts_of(document: Document) -> Iterator[Event]:
    """The facts of a commit's document."""
    for fact in document["facts"]:
        yield decode(fact["type"], fact["version"], fact["payload"])


def recorded(
    document: Document, number: int, place: int, index: int, topic: str, partitions: int
) -> Recorded:
    """One fact of an ordered commit with its envelope; raises as `decode` does."""
    fact: dict[str, Any] = document["facts"][index]
    event = decode(fact["type"], fact["version"], fact["payload"])
    meta = document["meta"]
    return Recorded(
        event=event,
        id=f"{document['_id']}:{index}",
        stream=document["stream"],
        version=document["version"],
        at=meta["at"],
        topic=topic,
        partition=partition_of(event.key, partitions),
        position=position_of(number, place, index),
        correlation_id=meta["correlation_id"],
        causation_id=meta["causation_id"],
        traceparent=meta["traceparent"],
    )
