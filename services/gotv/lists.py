"""The lists that organizers work with: who is on each, in which order, and what is told of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from libs.chassis.vault import Card
from libs.views.view import Row
from services.gotv.views.hearsay import Hearsay
from services.gotv.views.promises import Promises
from services.gotv.views.told_of_voters import VOTERS, Asked
from services.gotv.views.volunteers import Volunteers
from services.gotv.views.voter_status import voter_of

Order = Literal["newest", "oldest", "support_up", "support_down", "bank", "caller"]
Standing = Literal["open", "overdue", "upcoming", "kept", "all"]

# A call a little before its time keeps a promise; half an hour after it, one is overdue.
KEPT_FROM = timedelta(minutes=15)
OVERDUE_AFTER = timedelta(minutes=30)

_BY_TIME: frozenset[Order] = frozenset({"newest", "oldest"})
BY_LEVEL: frozenset[Order] = frozenset({"support_up", "support_down"})
_BY_WHOSE: dict[Order | None, str] = {"bank": "bank_id", "caller": "caller_id"}

_PERSON_COLUMNS = ("voter_id", "first_name", "last_name")
_PLACE_COLUMNS = ("city", "state", "phones")


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody wants to see of a list; None is everything.

    Without `practice`, what was said in the `practice_banks` is left out. `supporter_levels` are
    the campaign's own.
    """

    campaign_id: str
    now: datetime
    state: str | None = None
    level: int | None = None
    bank_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    order: Order | None = None
    standing: Standing = "open"
    practice: bool = True
    practice_banks: tuple[str, ...] = ()
    supporter_levels: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What the vault tells of the people on a page; those who were erased are in neither."""

    cards: Mapping[str, Card] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VoterList:
    """One kind of list.

    `item` makes a row of JSON, or None to leave it out, `cells` a row of CSV from that. `orders`
    are those that an index serves, names not among them: they are sealed. `arrives` is the moment
    by which a row is news, where it is not the one that the list is ordered by.
    """

    kind: str
    asked: Callable[[Filters], Asked]
    columns: tuple[str, ...]
    item: Callable[[Row, Told, datetime], dict[str, Any] | None]
    cells: Callable[[dict[str, Any]], Sequence[object]]
    orders: frozenset[Order]
    deposits: Callable[[Row], Sequence[str]] = lambda _: ()
    arrives: str | None = None


def voter_id_of(row: Row) -> str:
    """The voter whom a row is about."""
    return str(row["voter_id"]) if "voter_id" in row else voter_of(row)


def _by_support(where: Callable[[Filters], dict[str, Any]]) -> Callable[[Filters], Asked]:
    def asked(filters: Filters) -> Asked:
        wanted = {"campaign_id": filters.campaign_id, **where(filters)}
        if filters.state is not None:
            wanted["state"] = filters.state
        if filters.bank_id is not None:
            wanted["banks.bank_id"] = filters.bank_id
        if not filters.practice:
            wanted["$expr"] = {"$not": _answered_in(filters.practice_banks)}
        by_level = filters.order in BY_LEVEL
        # An index is read forwards or backwards: with the highest level first, so is the oldest.
        return Asked(
            VOTERS,
            "support_at",
            wanted,
            since=filters.since,
            until=filters.until,
            oldest_first=filters.order in {"oldest", "support_down"},
            group="support_level" if by_level else None,
            groups_down=filters.order == "support_down",
        )

    return asked


def _answered_in(bank_ids: Sequence[str]) -> dict[str, Any]:
    """Whether the answer that counts was given in one of these banks."""
    gave_it = {"$eq": ["$$told.call_id", "$support_call_id"]}
    was_there = {"$in": ["$$told.bank_id", list(bank_ids)]}
    each = {"$and": [gave_it, was_there]}
    return {"$anyElementTrue": [{"$map": {"input": "$history", "as": "told", "in": each}}]}


def _supporters(filters: Filters) -> dict[str, Any]:
    if filters.level is not None:
        return {"support_level": filters.level}
    if filters.order in BY_LEVEL:
        # The levels are named for the index that has voters in their order.
        return {"supporter": True, "support_level": {"$in": list(filters.supporter_levels)}}
    return {"supporter": True}


def _non_supporters(filters: Filters) -> dict[str, Any]:
    if filters.level is not None:
        return {"support_level": filters.level}
    return {"support_level": {"$in": [4, 5]}}


def _support_item(row: Row, told: Told, _: datetime) -> dict[str, Any]:
    return _person(row, told) | {
        "level": row["support_level"],
        "is_supporter": row["supporter"],
        "state": row["state"],
        "identified_at": row["support_at"],
    }


def _support_cells(item: dict[str, Any]) -> Sequence[object]:
    return *_names(item), item["level"], *_places(item), _iso(item["identified_at"])


def _joined(
    collection: str, at: str, where: dict[str, Any], filters: Filters, *, oldest_first: bool
) -> Asked:
    wanted = {"campaign_id": filters.campaign_id, **where}
    if filters.bank_id is not None:
        wanted["bank_id"] = filters.bank_id
    if not filters.practice:
        wanted["$nor"] = [{"bank_id": {"$in": list(filters.practice_banks)}}]
    of_the_voter: dict[str, Any] = {}
    if filters.state is not None:
        of_the_voter["voter.state"] = filters.state
    if filters.level is not None:
        of_the_voter["voter.support_level"] = filters.level
    return Asked(
        collection,
        at,
        wanted,
        [{"$match": of_the_voter}] if of_the_voter else [],
        since=filters.since,
        until=filters.until,
        oldest_first=filters.order == "oldest" if filters.order in _BY_TIME else oldest_first,
        group=_BY_WHOSE.get(filters.order),
    )


def _volunteers(filters: Filters) -> Asked:
    collection = f"{Volunteers.name}_v{Volunteers.version}"
    return _joined(collection, "found_at", {"says": True}, filters, oldest_first=False)


def _volunteer_item(row: Row, told: Told, _: datetime) -> dict[str, Any]:
    return _person(row, told) | {
        "level": _voter(row).get("support_level"),
        "state": _voter(row).get("state"),
        "found_at": row["found_at"],
        "bank_id": row["bank_id"],
        "caller_id": row["caller_id"],
    }


def _volunteer_cells(item: dict[str, Any]) -> Sequence[object]:
    found = _iso(item["found_at"]), item["bank_id"], item["caller_id"]
    return *_names(item), _text(item["level"]), *_places(item), *found


def _promises(filters: Filters) -> Asked:
    collection = f"{Promises.name}_v{Promises.version}"
    asked = _joined(collection, "call_at", {"holds": True}, filters, oldest_first=True)
    if filters.standing == "upcoming":
        asked.where["call_at"] = {"$gt": filters.now}
    elif filters.standing == "overdue":
        asked.where["call_at"] = {"$lt": filters.now - OVERDUE_AFTER}
    asked.stages.append({"$set": {"kept_by": {"$last": _KEPT_BY}}})
    if filters.standing != "all":
        is_kept = filters.standing == "kept"
        asked.stages.append({"$match": {"kept_by": {"$exists": is_kept}}})
    return asked


# The voter's calls from shortly before the promised time on, the call of the promise left out.
_KEPT_BY = {
    "$filter": {
        "input": {"$ifNull": ["$voter.history", []]},
        "cond": {
            "$and": [
                "$$this.counts",
                {"$ne": ["$$this.call_id", "$call_id"]},
                {
                    "$gte": [
                        "$$this.called_at",
                        {
                            "$dateSubtract": {
                                "startDate": "$call_at",
                                "unit": "second",
                                "amount": int(KEPT_FROM.total_seconds()),
                            }
                        },
                    ]
                },
            ]
        },
    }
}


def _promise_item(row: Row, told: Told, now: datetime) -> dict[str, Any]:
    kept_by = row.get("kept_by")
    standing = "kept" if kept_by else standing_of(row["call_at"], now)
    return _person(row, told) | {
        "call_id": row["call_id"],
        "state": _voter(row).get("state"),
        "call_at": row["call_at"],
        "standing": standing,
        "may_be_called": _voter(row).get("callable", True),
        "kept_at": kept_by and kept_by["called_at"],
        "made_at": row["made_at"],
        "bank_id": row["bank_id"],
        "caller_id": row["caller_id"],
        "number": told.texts.get(row["number_deposit_id"] or ""),
        "question": told.texts.get(row["question_deposit_id"] or ""),
    }


def standing_of(call_at: datetime, now: datetime) -> Literal["upcoming", "due", "overdue"]:
    """Of a promise that nobody has kept yet: ahead, its time, or past it."""
    if now < call_at - KEPT_FROM:
        return "upcoming"
    return "due" if now <= call_at + OVERDUE_AFTER else "overdue"


def _promise_cells(item: dict[str, Any]) -> Sequence[object]:
    promised = _iso(item["call_at"]), item["standing"], item["bank_id"], item["caller_id"]
    said = _text(item["number"]), _text(item["question"])
    return *_names(item), *_places(item), *promised, *said


def _promise_deposits(row: Row) -> Sequence[str]:
    return [each for each in (row["number_deposit_id"], row["question_deposit_id"]) if each]


def _hearsay(filters: Filters) -> Asked:
    collection = f"{Hearsay.name}_v{Hearsay.version}"
    return _joined(collection, "heard_at", {}, filters, oldest_first=False)


def _hearsay_item(row: Row, told: Told, _: datetime) -> dict[str, Any] | None:
    if row["_id"] not in told.texts:
        return None
    person = _person(row, told)
    return person | {
        "deposit_id": row["_id"],
        "voter_name": person["name"],
        "text": told.texts[row["_id"]],
        "state": _voter(row).get("state"),
        "call_id": row["call_id"],
        "bank_id": row["bank_id"],
        "caller_id": row["caller_id"],
        "heard_at": row["heard_at"],
        "taken_back_at": row.get("taken_back_at"),
    }


def _hearsay_cells(item: dict[str, Any]) -> Sequence[object]:
    heard = _iso(item["heard_at"]), item["bank_id"], item["caller_id"]
    taken_back = _iso(item["taken_back_at"]) if item["taken_back_at"] else ""
    return *_names(item), *_places(item), item["text"], *heard, taken_back


def _person(row: Row, told: Told) -> dict[str, Any]:
    """A person who was erased is still counted, without a name. `card` is for `cells` only."""
    voter_id = voter_id_of(row)
    card = told.cards.get(voter_id)
    return {
        "voter_id": voter_id,
        "name": card.name if card else None,
        "city": card.city if card else None,
        "card": card,
    }


def _voter(row: Row) -> Row:
    voter: Row = row.get("voter") or {}
    return voter


def _names(item: dict[str, Any]) -> tuple[object, ...]:
    card: Card | None = item["card"]
    return item["voter_id"], *((card.first_name, card.last_name) if card else ("", ""))


def _places(item: dict[str, Any]) -> tuple[object, ...]:
    card: Card | None = item["card"]
    phones = "; ".join(line.display for line in card.lines) if card else ""
    return _text(item["city"]), _text(item["state"]), phones


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _iso(at: datetime) -> str:
    return at.isoformat()


_SUPPORT_COLUMNS = (*_PERSON_COLUMNS, "support", *_PLACE_COLUMNS, "identified_at")

_BY_TIME_AND_WHOSE: frozenset[Order] = _BY_TIME | {"bank", "caller"}

LISTS = {
    each.kind: each
    for each in (
        *(
            VoterList(kind, _by_support(where), _SUPPORT_COLUMNS, _support_item, _support_cells, by)
            for kind, where, by in (
                ("supporters", _supporters, _BY_TIME | BY_LEVEL),
                ("undecided", lambda _: {"support_level": 3}, _BY_TIME),
                ("non-supporters", _non_supporters, _BY_TIME | BY_LEVEL),
            )
        ),
        VoterList(
            "volunteers",
            _volunteers,
            (
                *(*_PERSON_COLUMNS, "support", *_PLACE_COLUMNS),
                *("found_at", "phone_bank_id", "caller_id"),
            ),
            _volunteer_item,
            _volunteer_cells,
            _BY_TIME_AND_WHOSE,
        ),
        VoterList(
            "promises",
            _promises,
            (
                *(*_PERSON_COLUMNS, *_PLACE_COLUMNS, "call_at", "standing"),
                *("phone_bank_id", "caller_id", "number_given", "question"),
            ),
            _promise_item,
            _promise_cells,
            _BY_TIME_AND_WHOSE,
            _promise_deposits,
            arrives="made_at",
        ),
        VoterList(
            "hearsay",
            _hearsay,
            (
                *(*_PERSON_COLUMNS, *_PLACE_COLUMNS, "hearsay"),
                *("heard_at", "phone_bank_id", "caller_id", "taken_back_at"),
            ),
            _hearsay_item,
            _hearsay_cells,
            _BY_TIME_AND_WHOSE,
            lambda row: (row["_id"],),
        ),
    )
}
