"""Far too much for one page: what is shown, how many are not, and the way to them."""

import re
from typing import Any

import pytest

from services.queue import calls_page
from services.queue.domain.phone_bank import ClosePhoneBank, PublishScript
from services.queue.paging import part_of
from services.queue.routes import set_up as set_up_pages
from services.queue.set_up import UNIVERSES_SHOWN, choices
from tests.queue.house import CAMPAIGN, SCRIPT, organizer
from tests.queue.web import Web

SET_UP = f"/campaigns/{CAMPAIGN}/set-up"
CALLS = "/calls/dvc-palo-alto"


def test_a_part_begins_behind_the_entry_before_it() -> None:
    letters = "abcde"

    def part(after: str, size: int = 2) -> tuple[str, str, str | None]:
        found = part_of(letters, after, size, str)
        assert found.total == len(letters)
        return "".join(found.entries), found.after, found.next

    assert part("") == ("ab", "", "b")
    assert part("b") == ("cd", "b", "d")
    assert part("d") == ("e", "d", None)
    assert part("e") == ("", "e", None)
    assert part("gone") == ("ab", "", "b")
    assert part("", size=5) == ("abcde", "", None)
    assert part_of("", "", 2, str).next is None


def test_of_many_universes_the_chosen_one_is_always_there() -> None:
    universes = [{"_id": f"u{n}", "name": f"Universe {n:03}"} for n in range(UNIVERSES_SHOWN + 50)]
    last = universes[-1]["_id"]
    found = choices(universes, [], "u0")
    assert len(found["universes"]) == UNIVERSES_SHOWN
    assert found["universes_left_out"] == 50
    found = choices(universes, [], last)
    assert found["universes"][-1][0] == last
    assert found["universes_left_out"] == 49


async def many_banks(web: Web) -> None:
    """Five, of whom one has ended; each for a candidate of its own."""
    await web.house.found_organization()
    await web.house.import_voters({"one": ["ann"]})
    for name in ("Ada", "Bea", "Cleo", "Dee", "Eve"):
        await web.house.open_bank(name.lower(), name=f"{name} calls", candidate=name)


async def pages_of(web: Web, first: str, more: str, sentence: str) -> list[str]:
    """Every page of a list, from the first by its links."""
    found: list[str] = []
    path: str | None = first
    while path is not None:
        page = await web.send(organizer(), "GET", path)
        assert page.status_code == 200
        assert sentence in page.text
        assert (">First page</a>" in page.text) is bool(found)
        found.append(page.text)
        link = re.search(rf'href="([^"]+)">{more}</a>', page.text)
        path = link[1] if link else None
    return found


@pytest.mark.real
async def test_a_calls_page_with_many_banks_has_several_pages(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    await many_banks(web)
    for name in ("p1", "p2"):
        await web.house.open_bank(name, practice=True, name=name)
    whole = (await web.http.get(CALLS)).text
    assert "phone banks are shown" not in whole
    monkeypatch.setattr(calls_page, "BANKS_SHOWN", 2)
    monkeypatch.setattr(calls_page, "PRACTICE_SHOWN", 1)
    first, second, third = await pages_of(web, CALLS, "More phone banks", " of 5 phone banks are")
    shown = [re.findall(r'id="bank-(\w+)"', page) for page in (first, second, third)]
    assert shown == [["ada", "bea", "p1"], ["cleo", "dee", "p1"], ["eve", "p1"]]
    assert "1 of 2 practice phone banks are shown." in first
    # The page keeps looking, and stays where it is.
    assert f'hx-get="{CALLS}?after=bea"' in second
    assert f'hx-get="{CALLS}"' in first
    gone = (await web.http.get(f"{CALLS}?after=gone")).text
    assert re.findall(r'id="bank-(\w+)"', gone) == shown[0]


@pytest.mark.real
async def test_the_set_up_list_of_many_banks_has_several_pages(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    await many_banks(web)
    await web.house.run("ada", ClosePhoneBank())
    whole = (await web.send(organizer(), "GET", SET_UP)).text
    assert "phone banks are shown" not in whole
    assert "1 that has ended" in whole
    monkeypatch.setattr(set_up_pages, "_BANKS_SHOWN", 2)
    pages = await pages_of(web, SET_UP, "More phone banks", " of 5 phone banks are shown.")
    shown = [re.findall(r'id="bank-(\w+)"', page) for page in pages]
    assert shown == [["bea", "cleo"], ["dee", "eve"], ["ada"]]
    assert "No phone bank yet" not in pages[2]
    assert "1 on this page that has ended" in pages[2]


@pytest.mark.real
async def test_a_script_of_many_versions_shows_the_latest(
    open_web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in range(2, 6):
        script: dict[str, Any] = SCRIPT | {"thanks": f"Thank you, {version} times!"}
        await open_web.house.run("bank", PublishScript(script))
    path = f"{SET_UP}/bank/script"

    async def shown(query: str = "") -> tuple[list[str], str]:
        page = await open_web.send(organizer(), "GET", path + query)
        assert page.status_code == 200
        return re.findall(r'data-show="(\d+)"', page.text), page.text

    numbers, page = await shown()
    assert numbers == ["5", "4", "3", "2", "1"]
    assert "versions are shown" not in page
    monkeypatch.setattr(set_up_pages, "_VERSIONS_SHOWN", 2)
    numbers, page = await shown()
    assert numbers == ["5", "4"]
    assert "2 of 5 versions are shown." in page
    assert 'href="?before=4#versions-heading"' in page
    assert "Latest versions" not in page
    assert page.count("Live</span>") == 1
    numbers, page = await shown("?before=2")
    assert numbers == ["1"]
    assert "Earlier versions" not in page
    assert "Latest versions" in page
    assert "Live</span>" not in page
    for nonsense in ("?before=1", "?before=-7"):
        assert "There are no earlier versions." in (await shown(nonsense))[1]
    assert (await shown("?before=999"))[0] == ["5", "4"]
