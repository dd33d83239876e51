"""One-time links: bound, short-lived, kept as hashes; and where they may lead."""

from datetime import UTC, datetime, timedelta

import pytest

from libs.database import Database
from services.identity.domain.errors import LinkInvalid
from services.identity.links import LINK_LIFE, Links, local_path, organization_named

AT = datetime(2026, 10, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize("path", ["/", "/call/b1", "/calls/dvc?state=NJ#top", "/a%2f%2fb", "/é"])
def test_a_path_of_this_site_is_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "call/b1",
        "https://evil.example/",
        "/.//evil.example/x",
        "/call/../..//evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/ok\r\nSet-Cookie: a=b",
        " /call/b1",
        "javascript:alert(1)",
        "/" + "a" * 600,
    ],
)
def test_no_link_of_ours_leads_elsewhere(path: str | None) -> None:
    assert local_path(path) is None


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/calls/dvc-palo-alto", "dvc-palo-alto"),
        ("/calls/dvc-palo-alto/", "dvc-palo-alto"),
        ("/call/b1?organization=dvc", "dvc"),
        ("/call/b1", None),
        ("/calls/", None),
        (None, None),
    ],
)
def test_a_path_tells_the_organization_one_came_from(path: str | None, name: str | None) -> None:
    assert organization_named(path) == name


async def make(links: Links) -> str:
    return await links.make(
        "confirmation", caller_id="ann", registration_id="r1", next_path="/call/b1", at=AT
    )


async def test_a_link_is_followed_while_it_lives(database: Database) -> None:
    links = Links(database)
    token = await make(links)
    link = await links.follow("confirmation", token, AT + LINK_LIFE - timedelta(seconds=1))
    assert (link.caller_id, link.registration_id, link.next_path) == ("ann", "r1", "/call/b1")
    with pytest.raises(LinkInvalid):
        await links.follow("confirmation", token, AT + LINK_LIFE)
    with pytest.raises(LinkInvalid):
        await links.follow("confirmation", token[:-1] + "_", AT)


async def test_it_is_used_for_the_first_time_once(database: Database) -> None:
    links = Links(database)
    link = await links.follow("confirmation", await make(links), AT)
    assert await links.use(link, AT)
    assert not await links.use(link, AT)


async def test_the_database_opens_no_link(database: Database) -> None:
    links = Links(database)
    token = await make(links)
    assert token not in repr(await database["links"].find().to_list())


async def test_dead_links_are_dropped_with_what_was_typed(database: Database) -> None:
    links = Links(database)
    await make(links)
    assert await links.purge(AT) == []
    assert await links.purge(AT + LINK_LIFE) == ["r1"]
    assert await database["links"].count_documents({}) == 0
