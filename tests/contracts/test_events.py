"""Every fact ever shipped can still be read: a golden file for each version of each type."""

import json
from pathlib import Path

import pytest

from deploy.catalogue import CATALOGUE, catalogue, load
from libs.events.base import (
    Event,
    UnknownEvent,
    UnsupportedVersion,
    declared_events,
    decode,
    upcast,
)

load()
GOLDEN = Path(__file__).parent / "events"
PUBLIC = {
    name: event
    for name, event in declared_events().items()
    if event.__module__.startswith("libs.events.")
}
PERSONAL = {"name", "email", "phone", "number", "address", "street", "first_name", "last_name"}
# Organizations, campaigns, universes and phone banks have public names; people do not.
NAMED_THINGS = {
    "identity.organization-founded",
    "identity.campaign-created",
    "voters.universe-defined",
    "queue.phone-bank-created",
    "queue.phone-bank-changed",
}


@pytest.mark.parametrize("name", PUBLIC)
def test_every_version_has_a_golden_file(name: str) -> None:
    for version in range(1, PUBLIC[name].VERSION + 1):
        assert (GOLDEN / f"{name}.v{version}.json").exists()


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_golden_file_still_decodes(path: Path) -> None:
    name, _, version = path.stem.rpartition(".v")
    stored = json.loads(path.read_text(encoding="utf-8"))
    event = decode(name, int(version), stored)
    assert type(event) is PUBLIC[name]
    if int(version) == event.VERSION:
        # A field with a default may be added to a version; what was stored then stays as it was.
        assert event.model_dump(mode="json", exclude_unset=True) == stored


@pytest.mark.parametrize("name", PUBLIC)
def test_every_fact_has_a_sentence_and_no_person(name: str) -> None:
    event = PUBLIC[name]
    assert (event.__doc__ or "").strip().endswith(".")
    if name not in NAMED_THINGS:
        assert not PERSONAL & set(event.model_fields)


def test_the_catalogue_is_fresh() -> None:
    assert CATALOGUE.read_text(encoding="utf-8") == catalogue()


def test_a_type_is_declared_once() -> None:
    with pytest.raises(TypeError, match="declared twice"):

        class Again(Event, type="queue.voter-assigned", version=1, key="voter_id"):
            """Taken."""

            voter_id: str


def test_a_key_must_be_a_field() -> None:
    with pytest.raises(TypeError, match="not one of its fields"):

        class Keyless(Event, type="example.keyless", version=1, key="voter_id"):
            """Its key is missing."""

            other: str


def test_an_old_version_is_brought_up_to_today() -> None:
    class Moved(Event, type="example.moved", version=3, key="thing"):
        """Moved twice."""

        thing: str
        here: str

    @upcast("example.moved", to=2)
    def _two(payload: dict[str, object]) -> dict[str, object]:
        return payload | {"there": payload["where"]}

    @upcast("example.moved", to=3)
    def _three(payload: dict[str, object]) -> dict[str, object]:
        return payload | {"here": payload["there"]}

    assert decode("example.moved", 1, {"thing": "t", "where": "x"}) == Moved(thing="t", here="x")


def test_a_version_from_the_future_and_an_unknown_type_are_told_apart() -> None:
    with pytest.raises(UnsupportedVersion):
        decode("queue.voter-assigned", 99, {})
    with pytest.raises(UnknownEvent):
        decode("nobody.declared-this", 1, {})
