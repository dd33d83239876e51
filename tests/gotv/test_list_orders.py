"""The orders of a list: right at ties and from page to page, as CSV too, and read from an index."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from libs.chassis.cursors import Place, cursor_of
from libs.database import Database
from libs.events.base import Event
from services.gotv.lists import LISTS, Filters, Order
from services.gotv.page_words import LIST_WORDS
from services.gotv.views.told_of_voters import read_page
from tests.gotv.opened import ADMIN, ORGANIZER, Gotv, campaign_created, gotv_app
from tests.gotv.test_lists import answered
from tests.gotv.test_more_lists import heard, place, yes
from tests.gotv.test_rare_views import promised
from tests.results.moments import EVENING

# Voters v00 to v11: levels, banks and callers by turns, and three calls in each minute.
NUMBERS = range(12)
GROUPED = {
    "supporters": ("support_up", "support_down"),
    "non-supporters": ("support_up", "support_down"),
    "volunteers": ("bank", "caller"),
    "promises": ("bank", "caller"),
    "hearsay": ("bank", "caller"),
}
CASES = [(kind, order) for kind, orders in GROUPED.items() for order in orders]


def facts_of(kind: str) -> list[Event]:
    facts: list[Event] = [campaign_created(supporter_levels=(1, 2))]
    for n in NUMBERS:
        voter_id, minutes = f"v{n:02}", n // 3
        whose = {"bank_id": f"b{n % 2}", "caller_id": f"c{n % 3}"}
        match kind:
            case "supporters":
                facts += answered(voter_id, 1 + n % 2, minutes)
            case "non-supporters":
                facts += answered(voter_id, 4 + n % 2, minutes)
            case "volunteers":
                facts.append(yes(voter_id, minutes, call_id=f"x{n}", **whose))
            case "promises":
                facts.append(promised(60 + minutes, voter_id=voter_id, **whose))
            case _:
                facts.append(heard(voter_id, minutes).model_copy(update=whose))
    return facts


def expected(kind: str, order: str) -> list[str]:
    """By turns of two or three, the groups in their order; within, by minute and then by id."""
    size = 3 if order == "caller" else 2
    groups = reversed(range(size)) if order == "support_down" else range(size)
    up = order == "support_down" or kind == "promises"
    return [
        f"v{n:02}"
        for group in groups
        for n in (NUMBERS if up else reversed(NUMBERS))
        if n % size == group
    ]


async def paged(gotv: Gotv, kind: str, **query: Any) -> list[str]:
    seen: list[str] = []
    while True:
        answer = await gotv.get(place(kind), ORGANIZER, **query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        seen += [item["voter_id"] for item in page["items"]]
        assert len(seen) == len(set(seen)), "nobody twice"
        if page["next_cursor"] is None:
            return seen
        query["cursor"] = page["next_cursor"]


@pytest.mark.parametrize(("kind", "order"), CASES)
async def test_an_order_holds_at_ties_and_from_page_to_page(
    database: Database, kind: str, order: str
) -> None:
    async with gotv_app(database, facts_of(kind)) as gotv:
        gotv.vault.texts = {f"d-v{n:02}": {"text": "Away"} for n in NUMBERS}
        wanted = expected(kind, order)
        for limit in (1, 5, 50):
            assert await paged(gotv, kind, order=order, limit=limit) == wanted
        told = await gotv.get(f"{place(kind)}.csv", ADMIN, order=order)
        assert [row["voter_id"] for row in csv.DictReader(io.StringIO(told.text))] == wanted


async def test_a_filter_of_support_goes_with_its_order(database: Database) -> None:
    async with gotv_app(database, facts_of("supporters")) as gotv:
        query = {"level": 2, "order": "support_up", "limit": 4}
        assert await paged(gotv, "supporters", **query) == expected("supporters", "support_up")[6:]


async def test_a_cursor_is_of_its_own_order(database: Database) -> None:
    async with gotv_app(database, facts_of("volunteers")) as gotv:
        for order, other in (("bank", "newest"), ("newest", "bank")):
            page = (await gotv.get(place("volunteers"), ORGANIZER, order=order, limit=2)).json()
            query = {"order": other, "cursor": page["next_cursor"]}
            refused = await gotv.get(place("volunteers"), ORGANIZER, **query)
            assert (refused.status_code, refused.json()["type"]) == (
                422,
                "/problems/cursor-invalid",
            )


@pytest.mark.parametrize("kind", GROUPED)
async def test_a_page_that_only_asks_whether_it_may_opens_nobody(
    database: Database, kind: str
) -> None:
    """What the list's page asks when its stream is away, again and again."""
    async with gotv_app(database, facts_of(kind)) as gotv:
        gotv.vault.texts = {f"d-v{n:02}": {"text": "Away"} for n in NUMBERS}
        asked = await gotv.get(place(kind), ORGANIZER, until="1970-01-02T00:00:00Z")
        listed = await gotv.get(place(kind), ORGANIZER)
    assert asked.json()["items"] == []
    assert listed.json()["items"]


@pytest.mark.parametrize("group", [1 << 63, True])
async def test_a_cursor_made_up_for_a_group_is_refused(database: Database, group: int) -> None:
    cursor = cursor_of(Place(datetime(2026, 10, 1, tzinfo=UTC), "row", group))
    async with gotv_app(database, facts_of("supporters")) as gotv:
        query = {"order": "support_up", "cursor": cursor}
        refused = await gotv.get(place("supporters"), ORGANIZER, **query)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/cursor-invalid")


@pytest.mark.parametrize(("kind", "order"), [("undecided", "support_up"), ("hearsay", "name")])
async def test_an_order_that_no_index_serves_is_refused(
    database: Database, kind: str, order: str
) -> None:
    async with gotv_app(database) as gotv:
        assert (await gotv.get(place(kind), ORGANIZER, order=order)).status_code == 422
        assert (await gotv.get(f"{place(kind)}.csv", ADMIN, order=order)).status_code == 422


async def test_names_are_no_order_and_the_page_says_why(database: Database) -> None:
    async with gotv_app(database, [campaign_created()]) as gotv:
        for role, told in ((ORGANIZER, False), (ADMIN, True)):
            page = (await gotv.get("/campaigns/c1/lists/supporters", role)).text
            assert "There is no order by name" in page
            assert ("A spreadsheet sorts the download by name." in page) is told


def test_a_page_offers_the_orders_of_its_list() -> None:
    for words in LIST_WORDS:
        offered = {order for order, _ in words.orders if order}
        assert len(LISTS[words.kind].orders - offered) == 1, "the one to begin with has no name"
        assert offered < LISTS[words.kind].orders


async def how_read(
    database: Database, kind: str, order: Order, *, deep: bool
) -> tuple[set[str], int]:
    """The stages in which MongoDB reads a page of three, and how many rows it looks at."""
    filters = Filters("c1", EVENING, order=order, standing="all", supporter_levels=(1, 2))
    asked = LISTS[kind].asked(filters)
    rows = await read_page(database, asked, after=None, limit=1_000)
    after = asked.place_of(rows[len(rows) // 2]) if deep else None
    stages: set[str] = set()
    examined = 0
    for pipeline in asked.pipelines(after):
        limited = [*pipeline, {"$limit": 3}]
        command = {"aggregate": asked.collection, "pipeline": limited, "cursor": {}}
        told = await database.command("explain", command, verbosity="executionStats")
        stages |= {str(each) for each in values_in(values_in(told, "winningPlan"), "stage")}
        examined += max(int(each) for each in values_in(told, "totalDocsExamined"))
    return stages, examined


def values_in(told: Any, name: str) -> list[Any]:
    if isinstance(told, dict):
        here = [told[name]] if name in told else []
        return here + [each for value in told.values() for each in values_in(value, name)]
    return (
        [each for part in told for each in values_in(part, name)] if isinstance(told, list) else []
    )


@pytest.mark.parametrize("deep", [False, True], ids=["first-page", "middle"])
@pytest.mark.parametrize(("kind", "order"), CASES)
async def test_a_page_is_read_from_an_index(
    database: Database, kind: str, order: Order, *, deep: bool
) -> None:
    facts = facts_of(kind)
    async with gotv_app(database, facts) as gotv:
        asked = LISTS[kind].asked(Filters("c1", EVENING))
        rows = await database[asked.collection].find({}).to_list()
        # Many more of the same, put down as they would be.
        for copy in range(40):
            await database[asked.collection].insert_many(
                [row | {"_id": f"{row['_id']}-{copy}"} for row in rows]
            )
        stages, examined = await how_read(database, kind, order, deep=deep)
        assert "SORT" not in stages, stages
        assert examined <= 10, "what is shown, and little more"
        assert gotv.vault.asked == []
