"""The vault of people: a record, not a view; written before the fact that carries its digest.

One document a person: a wrapped key, and sealed with it the card that callers see, all that the
latest file says, and what earlier ones said. In clear stand ids, version and digest only; the
coarse attributes that lists are selected by are `selectable`'s. Erasing destroys the key and all
that was sealed with it; the bare id stays, so that no import in flight writes the person anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from libs.database import DUPLICATE_KEY, BulkWriteError, Database, Document, UpdateOne
from services.voters.domain.phones import is_fictional
from services.voters.domain.voter import ParsedVoter
from services.voters.sealing import Seal, Sealer

COLLECTION = "people"

_CARD_FIELDS = {"key": 1, "version": 1, "card": 1, "unlinked": 1}
_RECORD_FIELDS = {"key": 1, "version": 1, "record": 1}


class Line(msgspec.Struct, array_like=True, frozen=True):
    """A phone number of a person."""

    line_id: str
    e164: str


class Card(msgspec.Struct, array_like=True, frozen=True):
    """What a caller sees of a person, as it is sealed: in short, for it is opened often."""

    first_name: str
    last_name: str
    name: str
    birth_date: date | None
    birth_year: int | None
    age: int | None
    party: str | None
    city: str | None
    state: str
    zones: tuple[str, ...]
    gender: str | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """One version of what the vault holds of a voter. `record` is the whole row, encoded."""

    campaign_id: str
    voter_id: str
    version: int
    card: Card
    record: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """A person's document, opened: the version it stands at and what the latest file said."""

    version: int
    seal: Seal
    sealed_record: bytes
    voter: ParsedVoter


_card_decoder = msgspec.msgpack.Decoder(Card)
_record_decoder = msgspec.msgpack.Decoder(ParsedVoter)
_encoder = msgspec.msgpack.Encoder()


class People:
    """Reads and writes in batches. All ids are of one campaign."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._rows = database[COLLECTION]
        self._sealer = sealer

    async def cards(
        self, campaign_id: str, voter_ids: Iterable[str], today: date
    ) -> dict[str, dict[str, Any]]:
        """Cards by voter id, as JSON objects; unknown and erased people are left out."""
        found = await self._rows.find(_living(campaign_id, voter_ids), _CARD_FIELDS).to_list()
        cards = {}
        for row in found:
            owner: str = row["_id"]
            seal = self._sealer.opened(owner, row["key"])
            opened = seal.open(_card_place(owner, row["version"]), row["card"])
            card = _card_decoder.decode(opened)
            cards[owner.rpartition("/")[2]] = _as_json(card, row.get("unlinked", ()), today)
        return cards

    async def seals(self, campaign_id: str, voter_ids: Iterable[str]) -> dict[str, Seal]:
        """The opened keys of people, by voter id; unknown and erased people are left out."""
        found = await self._rows.find(_living(campaign_id, voter_ids), {"key": 1}).to_list()
        return {
            row["_id"].rpartition("/")[2]: self._sealer.opened(row["_id"], row["key"])
            for row in found
        }

    async def stored(self, campaign_id: str, voter_ids: Sequence[str]) -> dict[str, Stored]:
        """What the vault holds of these people, opened, by voter id."""
        if not voter_ids:
            return {}
        found = await self._rows.find(_living(campaign_id, voter_ids), _RECORD_FIELDS).to_list()
        return {row["_id"].rpartition("/")[2]: self._opened(row) for row in found}

    async def earlier(
        self, campaign_id: str, versions: Mapping[str, int]
    ) -> dict[str, ParsedVoter]:
        """What a file said of these people at an earlier version, by voter id, where it is kept."""
        if not versions:
            return {}
        fields = {"key": 1, "earlier": 1}
        found = await self._rows.find(_living(campaign_id, versions), fields).to_list()
        voters = {}
        for row in found:
            owner: str = row["_id"]
            voter_id = owner.rpartition("/")[2]
            for kept in row.get("earlier", ()):
                if kept["version"] == versions[voter_id]:
                    seal = self._sealer.opened(owner, row["key"])
                    record = seal.open(_record_place(owner, kept["version"]), kept["record"])
                    voters[voter_id] = _record_decoder.decode(record)
        return voters

    async def add(self, people: Sequence[Person]) -> None:
        """Keep people under fresh keys; one who is there already keeps the key.

        One who was erased meanwhile stays erased.
        """
        if not people:
            return
        try:
            await self._rows.insert_many([self._document(each) for each in people], ordered=False)
        except BulkWriteError as error:
            details = error.details or {}
            faults = details["writeErrors"]
            unknown = details.get("writeConcernErrors") or not faults
            if unknown or any(fault["code"] != DUPLICATE_KEY for fault in faults):
                raise
            # A step that was broken off is done again: they were added, their facts were not.
            again = [people[fault["index"]] for fault in faults]
            known = await self.stored(again[0].campaign_id, [each.voter_id for each in again])
            await self.change(
                [(known[each.voter_id], each) for each in again if each.voter_id in known]
            )

    async def change(self, people: Sequence[tuple[Stored, Person]]) -> None:
        """Keep a new version of people; the one before stays, sealed, among the earlier ones."""
        if people:
            await self._rows.bulk_write([_changed(*each) for each in people], ordered=False)

    def _document(self, person: Person) -> Document:
        owner = _place(person.campaign_id, person.voter_id)
        wrapped, seal = self._sealer.new_key(owner)
        return {"_id": owner, "key": wrapped} | _sealed(owner, seal, person)

    def _opened(self, row: Document) -> Stored:
        owner, version = row["_id"], row["version"]
        seal = self._sealer.opened(owner, row["key"])
        record = seal.open(_record_place(owner, version), row["record"])
        return Stored(version, seal, row["record"], _record_decoder.decode(record))


async def erase(database: Database, campaign_id: str, voter_id: str) -> None:
    """Destroy the person's key, and all that is sealed with it here."""
    owner = _place(campaign_id, voter_id)
    await database[COLLECTION].replace_one({"_id": owner}, {"_id": owner}, upsert=True)


async def unlink(database: Database, campaign_id: str, voter_id: str, line_id: str) -> None:
    """Show the line on this voter's card no more, whatever a file says."""
    owner = _place(campaign_id, voter_id)
    living = {"_id": owner, "key": {"$exists": True}}
    await database[COLLECTION].update_one(living, {"$addToSet": {"unlinked": line_id}})


async def relink(database: Database, campaign_id: str, voter_id: str, line_id: str) -> None:
    """Show the line on this voter's card again, if a file has it."""
    owner = _place(campaign_id, voter_id)
    await database[COLLECTION].update_one({"_id": owner}, {"$pull": {"unlinked": line_id}})


def encoded(voter: ParsedVoter) -> bytes:
    """All that a file says of a voter, the same bytes wherever the row stands."""
    return _encoder.encode(voter)


def display(e164: str) -> str:
    """`+16105550123` as people write it: `(610) 555-0123`."""
    return f"({e164[2:5]}) {e164[5:8]}-{e164[8:]}"


def age_on(today: date, card: Card) -> int | None:
    """The age by birth date; else the one reached this year; else what the file said."""
    born = card.birth_date
    if born is not None:
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return card.age if card.birth_year is None else today.year - card.birth_year


def _as_json(card: Card, unlinked: Sequence[str], today: date) -> dict[str, Any]:
    return {
        "first_name": card.first_name,
        "last_name": card.last_name,
        "name": card.name,
        "age": age_on(today, card),
        "party": card.party,
        "city": card.city,
        "state": card.state,
        "zones": card.zones,
        "gender": card.gender,
        "lines": [
            {
                "line_id": line.line_id,
                "e164": line.e164,
                "display": display(line.e164),
                "fictional": is_fictional(line.e164),
            }
            for line in card.lines
            if line.line_id not in unlinked
        ],
    }


def _sealed(owner: str, seal: Seal, person: Person) -> Document:
    version = person.version
    return {
        "version": version,
        "card": seal.seal(_card_place(owner, version), _encoder.encode(person.card)),
        "record": seal.seal(_record_place(owner, version), person.record),
    }


def _changed(stored: Stored, person: Person) -> UpdateOne:
    owner = _place(person.campaign_id, person.voter_id)
    change: Document = {"$set": _sealed(owner, stored.seal, person)}
    if stored.version < person.version:
        change["$push"] = {"earlier": {"version": stored.version, "record": stored.sealed_record}}
    return UpdateOne({"_id": owner, "version": stored.version}, change)


def _living(campaign_id: str, voter_ids: Iterable[str]) -> Document:
    """Those of these people who were not erased."""
    places = [_place(campaign_id, voter) for voter in voter_ids]
    return {"_id": {"$in": places}, "key": {"$exists": True}}


def _place(campaign_id: str, voter_id: str) -> str:
    return f"{campaign_id}/{voter_id}"


def _card_place(owner: str, version: int) -> str:
    return f"{owner}/{version}/card"


def _record_place(owner: str, version: int) -> str:
    return f"{owner}/{version}/record"
