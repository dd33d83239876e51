"""Undecided, non-supporters, volunteers, promises, hearsay: who is on them, filters, news, CSV."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from libs.chassis.tokens import Grant
from libs.database import Database
from libs.events.base import Event
from libs.events.results import CallCorrected, HearsayRecorded
from services.gotv.lists import LISTS
from tests.gotv.opened import ADMIN, ORGANIZER, Gotv, bank_created, gotv_app, voter_imported
from tests.gotv.test_lists import answered, people_of
from tests.gotv.test_rare_views import promised
from tests.gotv.watching import Watcher
from tests.results.facts import dispositioned
from tests.results.moments import EVENING, at
from tests.results.opened import bearer

ODILE = bearer("odile", ORGANIZER)


def place(kind: str) -> str:
    return f"/gotv/campaigns/c1/{kind}"


async def listed(gotv: Gotv, kind: str, **query: Any) -> list[str]:
    answer = await gotv.get(place(kind), ORGANIZER, **query)
    assert answer.status_code == 200, answer.text
    return [item["voter_id"] for item in answer.json()["items"]]


def heard(voter_id: str, minutes: float, bank_id: str = "b1") -> HearsayRecorded:
    return HearsayRecorded(
        campaign_id="c1",
        voter_id=voter_id,
        call_id="x",
        bank_id=bank_id,
        caller_id="casper",
        deposit_id=f"d-{voter_id}",
        heard_at=at(minutes),
    )


def yes(voter_id: str, minutes: float, **changed: Any) -> Event:
    return dispositioned(
        voter_id, spoke_with="voter", volunteer=True, called_at=at(minutes), **changed
    )


async def test_each_answer_has_its_list(database: Database) -> None:
    facts = [fact for level in range(6) for fact in answered(f"v{level}", level, level)]
    async with gotv_app(database, facts) as gotv:
        assert await listed(gotv, "supporters") == ["v2", "v1"]
        assert await listed(gotv, "undecided") == ["v3"]
        assert await listed(gotv, "non-supporters") == ["v5", "v4"]
        assert await listed(gotv, "non-supporters", level=4) == ["v4"]
        assert await listed(gotv, "non-supporters", order="oldest") == ["v4", "v5"]


async def test_filters_are_of_place_bank_and_time(database: Database) -> None:
    facts = [
        voter_imported("ann"),
        voter_imported("bob", state="OH"),
        *answered("ann", 5, -60),
        *answered("bob", 4, 0, bank_id="b2"),
        yes("ann", -60, call_id="ann-60"),
        yes("bob", 0, bank_id="b2", call_id="bob0"),
        heard("ann", -60),
        heard("bob", 0, "b2"),
        promised(-60, voter_id="ann"),
        promised(0, voter_id="bob", bank_id="b2"),
    ]
    hour_ago = (EVENING - timedelta(minutes=30)).isoformat()
    async with gotv_app(database, facts) as gotv:
        gotv.vault.texts = {f"d-{voter}": {"text": "Away"} for voter in ("ann", "bob")}
        for kind in ("non-supporters", "volunteers", "hearsay", "promises"):
            # Their calls came at the promised times, so that only "all" shows both promises.
            every = {"standing": "all"} if kind == "promises" else {}
            assert await listed(gotv, kind, state="oh", **every) == ["bob"], kind
            assert await listed(gotv, kind, bank="b2", **every) == ["bob"], kind
            assert await listed(gotv, kind, since=hour_ago, **every) == ["bob"], kind
            assert await listed(gotv, kind, until=hour_ago, **every) == ["ann"], kind
            both = await listed(gotv, kind, order="oldest", **every)
            assert both == ["ann", "bob"], kind
            assert await listed(gotv, kind, order="newest", **every) == both[::-1], kind
        wrong = await gotv.get(place("hearsay"), ORGANIZER, since="yesterday")
        assert wrong.status_code == 422


async def test_practice_phone_banks_can_be_left_out(database: Database) -> None:
    """Cid said the same in both; his latest answer counts, and was given for real."""
    trial = {"bank_id": "trial"}
    facts = [
        *(bank_created(), bank_created(bank_id="trial", practice=True)),
        *(bank_created(bank_id="other", campaign_id="c2", practice=True),),
        *(*answered("ann", 5, 0), *answered("bob", 4, 1, **trial)),
        *(*answered("cid", 5, 2, **trial), *answered("cid", 5, 3)),
        *(yes("ann", 0, call_id="ann0"), yes("bob", 1, call_id="bob1", **trial)),
        *(heard("ann", 0), heard("bob", 1, "trial")),
        *(promised(0, voter_id="ann"), promised(1, voter_id="bob", **trial)),
    ]
    async with gotv_app(database, facts) as gotv:
        gotv.vault.texts = {f"d-{voter}": {"text": "Away"} for voter in ("ann", "bob")}
        for kind in ("non-supporters", "volunteers", "hearsay", "promises"):
            every = {"standing": "all"} if kind == "promises" else {}
            assert "bob" in await listed(gotv, kind, **every), kind
            real = ["cid", "ann"] if kind == "non-supporters" else ["ann"]
            assert await listed(gotv, kind, practice="false", **every) == real, kind
            path = f"{place(kind)}.csv"
            told = await gotv.get(path, ADMIN, practice="false", **every)
            lines = list(csv.DictReader(io.StringIO(told.text)))
            assert [line["voter_id"] for line in lines] == real, kind
        assert await listed(gotv, "volunteers", practice="false", bank="trial") == []


async def test_volunteers_are_listed_with_when_and_by_whom(database: Database) -> None:
    facts = [
        voter_imported("ann"),
        yes("ann", 1, support=2, caller_id="dora"),
        yes("bob", 2, call_id="bob2"),
        dispositioned("bob", spoke_with="voter", volunteer=False, called_at=at(3), call_id="bob3"),
    ]
    async with gotv_app(database, facts) as gotv:
        gotv.vault.people = people_of("ann")
        (item,) = (await gotv.get(place("volunteers"), ORGANIZER)).json()["items"]
        assert item == {
            "voter_id": "ann",
            "name": "Ann Example",
            "city": "Lehighton",
            "state": "PA",
            "level": 2,
            "found_at": "2026-10-06T23:01:00Z",
            "bank_id": "b1",
            "caller_id": "dora",
        }


async def test_a_promise_is_open_until_a_call_at_its_time(database: Database) -> None:
    """Ann was called at her time, Bob too early, Cid's time has passed, Dee's is tomorrow."""
    facts = [
        *(promised(-50, voter_id=voter, call_id=f"p-{voter}") for voter in ("ann", "bob")),
        promised(-40, voter_id="cid", question_deposit_id="q", number_deposit_id="n"),
        promised(1_440, voter_id="dee"),
        promised(10, voter_id="eve"),
        dispositioned("ann", called_at=at(-70), call_id="early"),
        dispositioned("ann", called_at=at(-52), call_id="kept"),
        dispositioned("bob", called_at=at(-70), call_id="early"),
        # The call in which the promise was made does not keep it.
        dispositioned("bob", called_at=at(-45), call_id="p-bob"),
    ]
    async with gotv_app(database, facts) as gotv:
        gotv.vault.texts = {"q": {"text": "Schools?"}, "n": {"text": "555-0123"}}
        said = (await gotv.get(place("promises"), ORGANIZER)).json()["items"]
        standing = [(item["voter_id"], item["standing"]) for item in said]
        assert standing == [
            ("bob", "overdue"),
            ("cid", "overdue"),
            ("eve", "due"),
            ("dee", "upcoming"),
        ]
        assert (said[1]["question"], said[1]["number"]) == ("Schools?", "555-0123")
        assert await listed(gotv, "promises", standing="overdue") == ["bob", "cid"]
        assert await listed(gotv, "promises", standing="upcoming") == ["eve", "dee"]
        (kept,) = (await gotv.get(place("promises"), ORGANIZER, standing="kept")).json()["items"]
        assert (kept["voter_id"], kept["kept_at"]) == ("ann", "2026-10-06T22:08:00Z")
        assert len(await listed(gotv, "promises", standing="all")) == 5


@pytest.mark.parametrize("kind", ["volunteers", "promises"])
async def test_pages_join_without_gap_or_repeat(database: Database, kind: str) -> None:
    facts = [yes(f"v{n}", n // 3, call_id=f"c{n}") for n in range(7)]
    facts += [promised(n // 3, voter_id=f"v{n}") for n in range(7)]
    async with gotv_app(database, facts) as gotv:
        seen: list[str] = []
        query: dict[str, Any] = {"limit": 3, "standing": "all"}
        while True:
            page = (await gotv.get(place(kind), ORGANIZER, **query)).json()
            seen += [item["voter_id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
        assert sorted(seen) == [f"v{n}" for n in range(7)]


async def test_hearsay_that_a_correction_took_back_stays_visible_as_such(
    database: Database,
) -> None:
    call = dispositioned("ann", call_id="x")
    corrected = CallCorrected(
        campaign_id="c1",
        voter_id="ann",
        call_id="x",
        bank_id="b1",
        line_id="l1",
        caller_id="casper",
        corrected_by="casper",
        by="caller",
        disposition_was=call.disposition,
        disposition=call.disposition,
        hearsay_taken_back=("d-ann",),
        corrected_at=at(3),
    )
    async with gotv_app(database, [heard("ann", 0), corrected, heard("bob", -1)]) as gotv:
        gotv.vault.texts = {f"d-{voter}": {"text": "Away"} for voter in ("ann", "bob")}
        said = (await gotv.get(place("hearsay"), ORGANIZER)).json()["items"]
        taken_back = [(item["voter_id"], item["taken_back_at"]) for item in said]
        assert taken_back == [("ann", "2026-10-06T23:03:00Z"), ("bob", None)]


async def test_every_list_can_be_taken_away_as_csv(database: Database) -> None:
    facts = [
        *answered("ann", 1),
        *answered("bob", 3),
        *answered("cid", 5),
        yes("dee", 0),
        promised(60, voter_id="eve", question_deposit_id="q"),
        heard("fay", 0),
    ]
    on_it = {
        "supporters": "ann",
        "undecided": "bob",
        "non-supporters": "cid",
        "volunteers": "dee",
        "promises": "eve",
        "hearsay": "fay",
    }
    async with gotv_app(database, facts) as gotv:
        gotv.vault.people = people_of(*on_it.values())
        gotv.vault.texts = {"q": {"text": "=cmd|x"}, "d-fay": {"text": "@SUM(A1)"}}
        assert on_it.keys() == LISTS.keys()
        for kind, voter_id in on_it.items():
            answer = await gotv.get(f"{place(kind)}.csv", ADMIN)
            assert f'filename="{kind}.csv"' in answer.headers["content-disposition"]
            (row,) = csv.DictReader(io.StringIO(answer.text))
            assert None not in row, "as many cells as columns"
            assert None not in row.values()
            assert (row["voter_id"], row["last_name"]) == (voter_id, "Example"), kind
            _, asked = [each for each in gotv.vault.asked if each[0].endswith("cards")][-1]
            assert (asked["purpose"], asked["actor"]) == ("export", "odile")
            if kind == "promises":
                assert row["question"] == "'=cmd|x"
            if kind == "hearsay":
                assert row["hearsay"] == "'@SUM(A1)"


@pytest.mark.parametrize("kind", LISTS)
async def test_lists_are_for_those_who_may_read_them(database: Database, kind: str) -> None:
    async with gotv_app(database) as gotv:
        for grant in ("lead", "auditor", "data_manager", "caller"):
            for path in (place(kind), f"{place(kind)}.csv", f"{place(kind)}/live"):
                refused = await gotv.get(path, Grant(grant, campaign_id="c1"))
                assert refused.status_code == 403, (grant, path)
        assert (await gotv.get(f"{place(kind)}.csv", ORGANIZER)).status_code == 403
        assert (
            await gotv.get(place(kind), Grant("organizer", campaign_id="c2"))
        ).status_code == 403
        assert gotv.vault.asked == []


@pytest.mark.parametrize(
    ("kind", "fact"),
    [
        ("undecided", dispositioned("ann", support=3, spoke_with="voter")),
        ("volunteers", yes("ann", 1)),
        ("promises", promised(60)),
        ("hearsay", heard("ann", 1)),
    ],
)
async def test_a_newcomer_is_news(database: Database, kind: str, fact: Event) -> None:
    async with (
        gotv_app(database) as gotv,
        Watcher(gotv.app, f"{place(kind)}/live", ODILE) as watcher,
    ):
        assert (await watcher.next())[1]["newest"] == []
        await gotv.folding.take([fact])
        said = await watcher.until(lambda news: news["newest"])
        assert len(said["newest"]) == 1
        assert said["newest"][0].keys() == {"voter_id", "at", "level", "state"}, "ids only"
