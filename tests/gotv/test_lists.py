"""The supporter lists, a voter's status and hearsay: who is on them, paging, CSV, who may ask."""

import csv
import io
from typing import Any

import pytest

from libs.chassis.tokens import Grant
from libs.database import Database
from libs.events.base import Event
from libs.events.gotv import SupporterIdentified, SupporterLost
from libs.events.results import HearsayRecorded
from services.gotv.routes.csv_lines import csv_line
from tests.gotv.opened import ADMIN, ORGANIZER, gotv_app, voter_imported
from tests.results.facts import dispositioned
from tests.results.moments import at
from tests.results.vault import person

SUPPORTERS = "/gotv/campaigns/c1/supporters"
HEARSAY = "/gotv/campaigns/c1/hearsay"


def answered(voter_id: str, level: int, minutes: float = 0, **changed) -> list[Event]:
    told = dispositioned(
        voter_id,
        support=level,
        spoke_with="voter",
        called_at=at(minutes),
        call_id=f"{voter_id}{minutes}",
        **changed,
    )
    said = {
        "campaign_id": told.campaign_id,
        "voter_id": voter_id,
        "level": level,
        "call_id": told.call_id,
        "answered_at": told.called_at,
    }
    return [told, SupporterIdentified(**said)] if level in {1, 2} else [told]


def people_of(*voter_ids: str) -> dict[str, dict[str, Any]]:
    return {voter_id: person(f"{voter_id.title()} Example") for voter_id in voter_ids}


@pytest.mark.parametrize("path", [SUPPORTERS, f"{SUPPORTERS}.csv", HEARSAY])
async def test_who_has_not_voted_is_refused_until_it_is_known(
    database: Database, path: str
) -> None:
    async with gotv_app(database, [voter_imported("ann"), *answered("ann", 1)]) as gotv:
        refused = await gotv.get(f"{path}?not_voted=true", ADMIN)
        assert refused.status_code == 422
        assert refused.json()["type"] == "/problems/ballots-unknown"
        assert "not_voted" in refused.json()["detail"]
        assert (await gotv.get(f"{path}?not_voted=false", ADMIN)).status_code == 200
        assert (await gotv.get(path, ADMIN)).status_code == 200


async def test_supporters_are_named_and_the_latest_comes_first(database: Database) -> None:
    facts = [
        voter_imported("ann"),
        voter_imported("bob", state="OH"),
        *answered("ann", 1, 0),
        *answered("bob", 2, 5),
        *answered("cid", 4, 6),
        *answered("zoe", 1, 7, campaign_id="c2"),
    ]
    async with gotv_app(database, facts) as gotv:
        gotv.vault.people = people_of("ann", "bob", "cid")
        said = (await gotv.get(SUPPORTERS, ORGANIZER)).json()
        assert said["items"] == [
            {
                "voter_id": "bob",
                "name": "Bob Example",
                "level": 2,
                "is_supporter": True,
                "city": "Lehighton",
                "state": "OH",
                "identified_at": "2026-10-06T23:05:00Z",
            },
            {
                "voter_id": "ann",
                "name": "Ann Example",
                "level": 1,
                "is_supporter": True,
                "city": "Lehighton",
                "state": "PA",
                "identified_at": "2026-10-06T23:00:00Z",
            },
        ]
        ((path, asked),) = gotv.vault.asked
        assert (path, asked["purpose"], asked["actor"]) == ("/voters/vault/cards", "list", "odile")
        filters = {"level=4": ["cid"], "level=1": ["ann"], "state=oh": ["bob"], "level=3": []}
        for query, voters in filters.items():
            page = (await gotv.get(f"{SUPPORTERS}?{query}", ORGANIZER)).json()
            assert [item["voter_id"] for item in page["items"]] == voters, query


async def test_who_is_lost_leaves_the_list_at_once(database: Database) -> None:
    lost = SupporterLost(
        campaign_id="c1", voter_id="ann", level=5, call_id="ann9", answered_at=at(9)
    )
    async with gotv_app(database, answered("ann", 1)) as gotv:
        assert len((await gotv.get(SUPPORTERS, ORGANIZER)).json()["items"]) == 1
        await gotv.folding.take([*answered("ann", 5, 9, disposition="refused"), lost])
        assert (await gotv.get(SUPPORTERS, ORGANIZER)).json()["items"] == []
        (item,) = (await gotv.get(SUPPORTERS, ORGANIZER, level=5)).json()["items"]
        assert (item["voter_id"], item["name"]) == ("ann", None)


async def test_pages_join_without_gap_or_repeat(database: Database) -> None:
    facts = [fact for n in range(11) for fact in answered(f"v{n:02}", 1, n // 4)]
    async with gotv_app(database, facts) as gotv:
        seen: list[str] = []
        cursor, pages = None, 0
        while True:
            query = {"limit": 4} | ({"cursor": cursor} if cursor else {})
            page = (await gotv.get(SUPPORTERS, ORGANIZER, **query)).json()
            seen += [item["voter_id"] for item in page["items"]]
            cursor, pages = page["next_cursor"], pages + 1
            if cursor is None:
                break
        assert pages == 3
        assert len(seen) == len(set(seen)) == 11
        made_up = await gotv.get(SUPPORTERS, ORGANIZER, cursor="bm90IG91cnM")
        assert (made_up.status_code, made_up.json()["type"]) == (422, "/problems/cursor-invalid")


async def test_the_csv_is_whole_and_harmless(database: Database) -> None:
    facts = [fact for n in range(1203) for fact in answered(f"v{n:04}", 1, n)]
    async with gotv_app(database, facts) as gotv:
        gotv.vault.people = people_of("v0001", "v0002")
        gotv.vault.people["v0001"] = person('=HYPERLINK("http://x") Smith', city="+1, Rue")
        answer = await gotv.get(f"{SUPPORTERS}.csv", ADMIN)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert "attachment" in answer.headers["content-disposition"]
        rows = {row["voter_id"]: row for row in csv.DictReader(io.StringIO(answer.text))}
        assert len(rows) == 1203
        assert rows["v0001"]["first_name"] == '\'=HYPERLINK("http://x")'
        assert rows["v0001"]["city"] == "'+1, Rue"
        assert rows["v0002"]["phones"] == "(215) 555-0123"
        assert [asked["purpose"] for _, asked in gotv.vault.asked] == ["export"] * 3
        gotv.vault.away = True
        away = await gotv.get(f"{SUPPORTERS}.csv", ADMIN)
        assert (away.status_code, away.json()["type"]) == (503, "/problems/unavailable")


async def test_an_empty_list_is_a_head_line(database: Database) -> None:
    async with gotv_app(database) as gotv:
        answer = await gotv.get(f"{SUPPORTERS}.csv", ADMIN)
        assert answer.text.splitlines()[0].startswith("voter_id,first_name")
        assert len(answer.text.splitlines()) == 1


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\uff1d1"])
def test_no_cell_is_a_formula(cell) -> None:
    (read,) = csv.reader(io.StringIO(csv_line([cell]).decode()))
    assert read == [f"'{cell}"]


def test_other_cells_are_left_alone() -> None:
    assert csv_line(["Ann", 'She said "no"', 3]) == b'Ann,"She said ""no""",3\r\n'


async def test_a_voters_status_tells_its_history(database: Database) -> None:
    facts = [voter_imported("ann"), *answered("ann", 5, disposition="refused")]
    async with gotv_app(database, facts) as gotv:
        path = "/gotv/voters/ann/status"
        said = (await gotv.get(path, ORGANIZER, campaign_id="c1")).json()
        assert said["support"]["level"] == 5
        assert said["last"]["disposition"] == "refused"
        assert (said["attempts"], said["is_supporter"]) == (1, False)
        assert [told["support"] for told in said["history"]] == [5]
        assert gotv.vault.asked == []
        assert (await gotv.get(path, ORGANIZER, campaign_id="c2")).status_code == 403
        both = [ORGANIZER, Grant("organizer", campaign_id="c2")]
        assert (await gotv.get(path, *both, campaign_id="c2")).status_code == 404
        assert (await gotv.get(path, ORGANIZER)).status_code == 422


async def test_hearsay_is_read_from_the_vault(database: Database) -> None:
    facts = [
        HearsayRecorded(
            campaign_id="c1",
            voter_id="ann",
            call_id="x",
            bank_id="b1",
            caller_id="casper",
            deposit_id=f"d{n}",
            heard_at=at(n),
        )
        for n in range(3)
    ]
    async with gotv_app(database, facts) as gotv:
        gotv.vault.people = people_of("ann")
        gotv.vault.texts = {"d2": {"text": "She won't"}, "d1": {"text": "Away"}}
        first = (await gotv.get(HEARSAY, ORGANIZER, limit=1)).json()
        (item,) = first["items"]
        assert (item["text"], item["voter_name"]) == ("She won't", "Ann Example")
        rest = (await gotv.get(HEARSAY, ORGANIZER, cursor=first["next_cursor"])).json()
        assert [item["text"] for item in rest["items"]] == ["Away"], "d0 was erased"
        assert rest["next_cursor"] is None
        gotv.vault.away = True
        assert (await gotv.get(HEARSAY, ORGANIZER)).status_code == 503


@pytest.mark.parametrize(
    ("path", "enough", "too_little"),
    [
        (SUPPORTERS, "organizer", "lead"),
        (f"{SUPPORTERS}.csv", "campaign_admin", "organizer"),
        (HEARSAY, "organizer", "auditor"),
    ],
)
async def test_lists_are_for_those_who_may_read_them(
    database: Database, path, enough, too_little
) -> None:
    async with gotv_app(database) as gotv:
        assert (await gotv.get(path, Grant(enough, campaign_id="c1"))).status_code == 200
        refused = await gotv.get(path, Grant(too_little, campaign_id="c1"))
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-allowed")
        assert (await gotv.get(path, Grant(enough, campaign_id="c2"))).status_code == 403
        assert (await gotv.http.get(path)).status_code == 401
        assert (await gotv.http.get(f"{SUPPORTERS}/live")).status_code == 401
        assert gotv.vault.asked == []
