"""What a fact is: how it is declared, named, versioned, and read back years later."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

Payload = dict[str, Any]
Upcaster = Callable[[Payload], Payload]

_declared: dict[str, type["Event"]] = {}
_upcasters: dict[tuple[str, int], Upcaster] = {}


class UnknownEvent(LookupError):
    """No fact of this type is declared here: normal on a foreign topic, a fault on an own."""


class UnsupportedVersion(ValueError):
    """The fact was written by a newer program than this one."""


class Event(BaseModel):
    """A fact: something that happened, in the past tense, with ids instead of people.

    A subclass names its wire type, its version and the field that is its Kafka key:
    `class CallerConfirmed(Event, type="identity.caller-confirmed", version=1, key="caller_id")`.
    Leaving one out, or taking a type that is taken, raises TypeError when the module is imported.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str]
    VERSION: ClassVar[int]
    KEY: ClassVar[str]

    def __init_subclass__(cls, *, type: str, version: int, key: str, **kwargs: Any) -> None:
        """Register the fact under its wire type."""
        super().__init_subclass__(**kwargs)
        if type in _declared:
            message = (
                f"{type} is declared twice: {_declared[type].__qualname__}, {cls.__qualname__}"
            )
            raise TypeError(message)
        cls.TYPE, cls.VERSION, cls.KEY = type, version, key
        _declared[type] = cls

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Check that the key is a field."""
        if cls.KEY not in cls.model_fields:
            message = f"{cls.TYPE}: its key {cls.KEY!r} is not one of its fields"
            raise TypeError(message)

    @property
    def key(self) -> str:
        """The Kafka key: the voter's id where the fact is about a voter, else what it is about."""
        return str(getattr(self, self.KEY))


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact with its envelope, alike whether it was read from Kafka or from the log.

    `position` grows along the publisher's log and never changes, whatever is rebuilt.
    `version` is the place of its commit in its stream, from 1 without holes.
    """

    event: Event
    id: str
    stream: str
    version: int
    at: datetime
    topic: str
    partition: int
    position: int
    correlation_id: str = ""
    causation_id: str = ""
    traceparent: str = ""

    @property
    def commit_id(self) -> str:
        """The commit of its publisher that it is a part of."""
        return self.id.rpartition(":")[0]


def upcast(type: str, *, to: int) -> Callable[[Upcaster], Upcaster]:
    """Declare how a payload of version `to - 1` becomes one of version `to`. Never deleted."""

    def register(upcaster: Upcaster) -> Upcaster:
        _upcasters[type, to] = upcaster
        return upcaster

    return register


def decode(type: str, version: int, payload: Mapping[str, Any]) -> Event:
    """Read a stored fact, bringing an old version up to today's.

    Raises UnknownEvent for a type not declared in this process, UnsupportedVersion for one from
    the future, and pydantic.ValidationError for a payload that does not fit its declaration.
    """
    declared = _declared.get(type)
    if declared is None:
        raise UnknownEvent(type)
    if version > declared.VERSION:
        message = f"{type} version {version} is newer than version {declared.VERSION} known here"
        raise UnsupportedVersion(message)
    current = dict(payload)
    for step in range(version + 1, declared.VERSION + 1):
        current = _upcasters[type, step](current)
    return declared.model_validate(current)


def declared_events() -> dict[str, type[Event]]:
    """Every fact declared in this process, by wire type."""
    return dict(_declared)
