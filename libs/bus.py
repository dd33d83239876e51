"""How a fact looks on Kafka: CloudEvents 1.0 in binary mode, JSON as the value."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from pydantic import ValidationError

from libs.events.base import Recorded, UnknownEvent, UnsupportedVersion, declared_events
from libs.events.base import decode as decode_event

Header = tuple[str, bytes]
Encoded = tuple[bytes, bytes, list[Header]]

SPECVERSION = "ce_specversion"
ID = "ce_id"
TYPE = "ce_type"
SOURCE = "ce_source"
SUBJECT = "ce_subject"
TIME = "ce_time"
CONTENT_TYPE = "content-type"
DATA_VERSION = "dataversion"
STREAM_VERSION = "streamversion"
POSITION = "position"
CORRELATION_ID = "correlationid"
CAUSATION_ID = "causationid"
TRACEPARENT = "traceparent"

# In the order in which they are written; the last three are left out when they are empty.
HEADERS = (
    SPECVERSION,
    CONTENT_TYPE,
    SOURCE,
    TYPE,
    ID,
    SUBJECT,
    TIME,
    DATA_VERSION,
    STREAM_VERSION,
    POSITION,
    CORRELATION_ID,
    CAUSATION_ID,
    TRACEPARENT,
)


class MalformedRecord(ValueError):
    """A record names one of our facts, and an attribute of it is missing or unreadable."""


def encode(  # noqa: PLR0913 - an envelope has that many parts.
    *,
    service: str,
    key: str,
    type: str,
    version: int,
    payload: Mapping[str, Any],
    id: str,
    stream: str,
    stream_version: int,
    at: datetime,
    position: int,
    correlation_id: str = "",
    causation_id: str = "",
    traceparent: str = "",
) -> Encoded:
    """Kafka key, value and headers of a stored fact, from its raw parts, without decoding it.

    `id` is `<commit id>:<place of the fact in it>`; `version` is the event's, `stream_version`
    the commit's. `payload` may hold times as datetimes or as ISO text.
    """
    headers = [
        (SPECVERSION, b"1.0"),
        (CONTENT_TYPE, b"application/json"),
        (SOURCE, _source(service)),
        (TYPE, type.encode()),
        (ID, id.encode()),
        (SUBJECT, stream.encode()),
        (TIME, at.isoformat().encode()),
        (DATA_VERSION, b"%d" % version),
        (STREAM_VERSION, b"%d" % stream_version),
        (POSITION, b"%d" % position),
    ]
    if correlation_id:
        headers.append((CORRELATION_ID, correlation_id.encode()))
    if causation_id:
        headers.append((CAUSATION_ID, causation_id.encode()))
    if traceparent:
        headers.append((TRACEPARENT, traceparent.encode()))
    return key.encode(), orjson.dumps(payload), headers


def key_of(type: str, version: int, payload: Mapping[str, Any]) -> str:
    """The Kafka key of a stored fact; only an old version is decoded for it.

    Raises UnknownEvent when the fact's module has not been imported in this process.
    """
    field, current = _key_field(type)
    if version == current:
        return str(payload[field])
    return decode_event(type, version, payload).key


def type_of(headers: Iterable[Header]) -> str | None:
    """The wire type of a record, read before anything is decoded; None when it is no CloudEvent."""
    for name, value in headers:
        if name == TYPE:
            return value.decode()
    return None


def position_in(headers: Iterable[Header]) -> int | None:
    """The position of a record that may not be decodable; None when it carries none."""
    for name, value in headers:
        if name == POSITION and value.isdigit():
            return int(value)
    return None


def id_in(headers: Iterable[Header]) -> str:
    """The fact's id of a record that may not be decodable; empty when it carries none."""
    return next((value.decode() for name, value in headers if name == ID), "")


def decode(headers: Iterable[Header], value: bytes, topic: str, partition: int) -> Recorded:
    """The fact a record carries, equal to the one read from the log.

    Raises UnknownEvent for what is not a fact declared in this process (to be skipped), and a
    ValueError for one that cannot be read here: UnsupportedVersion, MalformedRecord, or
    pydantic's ValidationError (to be parked).
    """
    named = dict(headers)
    wire_type = named.get(TYPE, b"").decode()
    if wire_type not in declared_events():
        raise UnknownEvent(wire_type or "a record without ce_type")
    try:
        return Recorded(
            event=decode_event(wire_type, int(named[DATA_VERSION]), orjson.loads(value)),
            id=named[ID].decode(),
            stream=named[SUBJECT].decode(),
            version=int(named[STREAM_VERSION]),
            at=datetime.fromisoformat(named[TIME].decode()),
            topic=topic,
            partition=partition,
            position=int(named[POSITION]),
            correlation_id=named.get(CORRELATION_ID, b"").decode(),
            causation_id=named.get(CAUSATION_ID, b"").decode(),
            traceparent=named.get(TRACEPARENT, b"").decode(),
        )
    except (UnsupportedVersion, ValidationError):
        raise
    except (KeyError, TypeError, ValueError) as error:
        message = f"{wire_type} in {topic}/{partition}: {type(error).__name__}"
        raise MalformedRecord(message) from error


@cache
def _source(service: str) -> bytes:
    return f"/phonebank/{service}".encode()


@cache
def _key_field(type: str) -> tuple[str, int]:
    declared = declared_events().get(type)
    if declared is None:
        raise UnknownEvent(type)
    return declared.KEY, declared.VERSION
