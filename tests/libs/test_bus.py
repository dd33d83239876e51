"""A fact on Kafka is the fact in the log: CloudEvents out, an equal fact back."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from libs import bus
from libs.bus import Header, MalformedRecord, decode, encode, key_of, type_of
from libs.events.base import Event, Recorded, UnknownEvent, UnsupportedVersion, upcast
from libs.events.results import CallDispositioned, Disposition
from libs.eventstore.documents import to_document
from libs.eventstore.memory import MemoryLog
from libs.eventstore.position import position_of
from libs.eventstore.store import Commit, Meta
from tests.libs.marks import Marked

AT = datetime(2026, 10, 3, 18, 30, 12, 345000, tzinfo=UTC)


class Renamed(Event, type="busexample.renamed", version=2, key="new_id"):
    """Its key had another name in version 1."""

    new_id: str


@upcast("busexample.renamed", to=2)
def _name_the_key_anew(payload: dict[str, Any]) -> dict[str, Any]:
    return {"new_id": payload["old_id"]}


def disposition() -> CallDispositioned:
    return CallDispositioned(
        campaign_id="c1",
        voter_id="v1",
        voter_ids=("v1", "v2"),
        call_id="k1",
        assignment_id="a1",
        bank_id="b1",
        line_id="l1",
        caller_id="p1",
        organization_id=None,
        script_version=3,
        disposition=Disposition.CANVASSED,
        spoke_with="voter",
        answers={"support": 1, "issues": ("schools", "roads"), "yard_sign": True},
        support=1,
        called_at=AT,
        received_at=AT,
    )


def commit_of(*facts: Event, trace: str = "00-4bf92f3577b34da6-00f067aa0ba902b7-01") -> Commit:
    meta = Meta(AT, "caller-1", "c1", correlation_id="r1", causation_id="x1", traceparent=trace)
    return Commit("commit1", "call-a1", 7, facts, meta)


def encoded(commit: Commit, index: int = 0) -> bus.Encoded:
    """A fact of a stored commit, from its document as the relay reads it."""
    document = to_document(commit)
    fact = document["facts"][index]
    meta = document["meta"]
    return encode(
        service="results",
        key=key_of(fact["type"], fact["version"], fact["payload"]),
        type=fact["type"],
        version=fact["version"],
        payload=fact["payload"],
        id=f"{document['_id']}:{index}",
        stream=document["stream"],
        stream_version=document["version"],
        at=meta["at"],
        position=position_of(1, 0, index),
        correlation_id=meta["correlation_id"],
        causation_id=meta["causation_id"],
        traceparent=meta["traceparent"],
    )


async def test_a_fact_read_from_kafka_equals_the_one_read_from_the_log() -> None:
    commit = commit_of(disposition(), Marked(thing_id="t1", group_id="g1", serial=5))
    log = MemoryLog("results.events", partitions=1)
    log.commits[commit.id] = commit
    from_log = [fact async for fact in log.in_order()]
    from_kafka = []
    for index in range(2):
        key, value, headers = encoded(commit, index)
        from_kafka.append(decode(headers, value, "results.events", 0))
        assert key.decode() == commit.facts[index].key
    assert from_kafka == from_log
    assert isinstance(from_kafka[0], Recorded)


def test_the_headers_are_cloudevents_in_binary_mode() -> None:
    _, value, headers = encoded(commit_of(disposition()))
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "content-type": b"application/json",
        "ce_source": b"/phonebank/results",
        "ce_type": b"results.call-dispositioned",
        "ce_id": b"commit1:0",
        "ce_subject": b"call-a1",
        "ce_time": b"2026-10-03T18:30:12.345000+00:00",
        "dataversion": b"1",
        "streamversion": b"7",
        "position": str(1 << 22).encode(),
        "correlationid": b"r1",
        "causationid": b"x1",
        "traceparent": b"00-4bf92f3577b34da6-00f067aa0ba902b7-01",
    }
    assert tuple(name for name, _ in headers) == bus.HEADERS
    assert value.startswith(b'{"campaign_id":"c1"')


def test_what_is_empty_is_left_out_for_cloudevents_knows_no_empty_attribute() -> None:
    _, value, headers = encoded(commit_of(disposition(), trace=""))
    assert "traceparent" not in dict(headers)
    assert decode(headers, value, "results.events", 0).traceparent == ""


def test_times_may_still_be_datetimes_in_the_payload() -> None:
    payload = disposition().model_dump()
    _, value, headers = _fact("results.call-dispositioned", payload)
    assert decode(headers, value, "results.events", 0).event == disposition()


def test_the_type_is_told_before_anything_is_decoded() -> None:
    _, _, headers = encoded(commit_of(disposition()))
    assert type_of(headers) == "results.call-dispositioned"
    assert type_of([("content-type", b"text/plain")]) is None


def test_the_key_of_an_old_version_is_that_of_todays_shape() -> None:
    assert key_of("busexample.renamed", 1, {"old_id": "x7"}) == "x7"
    assert key_of("busexample.renamed", 2, {"new_id": "x8"}) == "x8"
    with pytest.raises(UnknownEvent):
        key_of("busexample.never-declared", 1, {})


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"ce_type": b"elsewhere.happened"}, UnknownEvent),
        ({"ce_type": None}, UnknownEvent),
        ({"dataversion": b"2"}, UnsupportedVersion),
        ({"dataversion": b"two"}, MalformedRecord),
        ({"position": None}, MalformedRecord),
        ({"ce_time": b"yesterday"}, MalformedRecord),
    ],
)
def test_what_cannot_be_read_says_why(
    change: dict[str, bytes | None], refusal: type[Exception]
) -> None:
    _, value, headers = encoded(commit_of(disposition()))
    changed: list[Header] = [
        (name, new) for name, new in (dict(headers) | change).items() if new is not None
    ]
    with pytest.raises(refusal):
        decode(changed, value, "results.events", 0)


@pytest.mark.parametrize(
    ("value", "refusal"),
    [(b"{", MalformedRecord), (b"[1]", MalformedRecord), (b'{"voter_id":"v"}', ValidationError)],
)
def test_a_payload_that_does_not_fit_says_why(value: bytes, refusal: type[Exception]) -> None:
    _, _, headers = encoded(commit_of(disposition()))
    with pytest.raises(refusal):
        decode(headers, value, "results.events", 0)


def _fact(type: str, payload: dict[str, Any]) -> bus.Encoded:
    return encode(
        service="results",
        key="k",
        type=type,
        version=1,
        payload=payload,
        id="c:0",
        stream="s",
        stream_version=1,
        at=AT,
        position=1,
    )
