"""What identity knows of people, and that nobody else can read it."""

import pytest

from libs.database import Database
from services.identity.addresses import normalised
from services.identity.domain.errors import EmailInvalid
from services.identity.people import People, Person, phone_or_none
from services.identity.sealing import SealBroken, Sealed, Sealer

ann = Person(
    email="ann@example.org",
    first_name="Ann",
    last_name="Example",
    password_hash="hash",  # noqa: S106 - of the tests.
    phone="+49 30 1234",
    street="Elm Street 1",
)


@pytest.fixture
def people(database: Database) -> People:
    return People(database, Sealer("v" * 32))


async def test_what_is_written_is_read_again(people: People) -> None:
    await people.write("a", ann)
    assert await people.read("a") == ann
    assert await people.read("b") is None


async def test_the_database_holds_nothing_readable(people: People, database: Database) -> None:
    await people.write("a", ann)
    row = await database["people"].find_one({"_id": "a"})
    for text in ("ann", "Ann", "Example", "Elm", "1234", "hash"):
        assert text.encode() not in repr(row).encode()
    assert row is not None
    assert set(row) == {"_id", "key", "content"}


async def test_a_record_opens_for_its_owner_only(people: People, database: Database) -> None:
    await people.write("a", ann)
    row = await database["people"].find_one({"_id": "a"})
    assert row is not None
    await database["people"].insert_one(row | {"_id": "b"})
    with pytest.raises(SealBroken):
        await people.read("b")
    with pytest.raises(SealBroken):
        await People(database, Sealer("w" * 32)).read("a")


async def test_each_record_and_each_version_has_a_key_of_its_own(
    people: People, database: Database
) -> None:
    sealer = Sealer("v" * 32)
    one, two = sealer.seal("a", ann), sealer.seal("a", ann)
    assert one.key != two.key
    with pytest.raises(SealBroken):
        sealer.open("a", Sealed(one.key, two.content), Person)


async def test_erasing_leaves_nothing(people: People, database: Database) -> None:
    await people.write("a", ann)
    await people.erase("a")
    assert await people.read("a") is None
    assert await database["people"].count_documents({}) == 0


async def test_a_stronger_hash_replaces_only_the_hash_it_was_made_of(people: People) -> None:
    await people.write("a", ann)
    await people.rehash("a", "another", "stronger")
    assert await people.read("a") == ann
    await people.rehash("a", "hash", "stronger")
    kept = await people.read("a")
    assert kept is not None
    assert (kept.password_hash, kept.first_name) == ("stronger", "Ann")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("000-000-0000", None),
        ("", None),
        ("  ", None),
        (None, None),
        ("none", None),
        (" +44  20 7946 0000 ", "+44 20 7946 0000"),
        ("650-555-0100", "650-555-0100"),
    ],
)
def test_a_placeholder_is_no_number(typed: str | None, kept: str | None) -> None:
    assert phone_or_none(typed) == kept


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" Ann.Example@Example.ORG ", "ann.example@example.org"),
        ("ann+calls@bücher.example", "ann+calls@xn--bcher-kva.example"),
    ],
)
def test_an_address_has_one_spelling(typed: str, address: str) -> None:
    assert normalised(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ann",
        "ann@",
        "@example.org",
        "ann@example",
        "ann@exa mple.org",
        "a@example.org,b@example.org",
        "a@b@example.org",
        "ann@example.org\nBcc: all@example.org",
        "Ann <ann@example.org>",
        "ann..a@example.org",
        ".ann@example.org",
        "a" * 65 + "@example.org",
        "a@" + "b" * 300 + ".org",
    ],
)
def test_what_cannot_be_mailed_is_no_address(typed: str) -> None:
    with pytest.raises(EmailInvalid):
        normalised(typed)
