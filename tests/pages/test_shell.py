"""The shell: what every page refuses to load, and how its files are named and kept."""

import hashlib
import re
from pathlib import Path

import httpx
import pytest
from jinja2 import Environment, UndefinedError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route

from libs.chassis.pages.security import SecurityHeaders
from libs.chassis.pages.shell import SHELL, Pages

CHECKOUT = SHELL.parents[2]
SERVICES = sorted((CHECKOUT / "services").glob("*/pages"))
TEMPLATES = sorted(
    template for folder in (SHELL, *SERVICES) for template in (folder / "templates").glob("*.html")
)
MODULES = sorted(
    module for folder in (SHELL, *SERVICES) for module in (folder / "static").glob("*.js")
)
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|\shx-on|javascript:", re.IGNORECASE
)
IMPORTS = re.compile(r"^import .* from \"\./(.+)\";$", re.MULTILINE)


async def get(pages: Pages, path: str, *, production: bool = False) -> httpx.Response:
    async def home(_: object) -> HTMLResponse:
        return pages.answer("home.html", organizations=[], campaigns=[])

    routes = [Route("/", home), Mount(pages.static_path, pages.static_app())]
    secured = [Middleware(SecurityHeaders, production=production)]
    transport = httpx.ASGITransport(Starlette(routes=routes, middleware=secured))
    async with httpx.AsyncClient(transport=transport, base_url="http://phonebank.test") as client:
        return await client.get(path)


async def test_every_answer_refuses_foreign_and_inline_code() -> None:
    policy = (await get(Pages("queue"), "/")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("production", [True, False])
async def test_only_production_insists_on_tls(production) -> None:
    headers = (await get(Pages("queue"), "/", production=production)).headers
    assert ("strict-transport-security" in headers) is production


async def test_a_page_is_kept_by_no_cache() -> None:
    assert (await get(Pages("queue"), "/")).headers["cache-control"] == "no-store"


async def test_a_file_under_its_hash_is_kept_for_ever() -> None:
    pages = Pages("queue")
    answer = await get(pages, pages.static("api.js"))
    assert answer.text == (SHELL / "static" / "api.js").read_text()
    assert "immutable" in answer.headers["cache-control"]


async def test_a_page_from_before_an_upgrade_still_gets_its_modules() -> None:
    pages = Pages("queue")
    answer = await get(pages, f"{pages.static_path}/0123456789ab/api.js")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["missing.js", "../shell.py", "%2e%2e/shell.py"])
async def test_nothing_but_static_files_is_served(name: str) -> None:
    pages = Pages("queue")
    path = pages.static("api.js").replace("api.js", name)
    assert (await get(pages, path)).status_code == 404


def test_a_changed_file_changes_the_address(tmp_path: Path) -> None:
    file = tmp_path / "static" / "own.js"
    file.parent.mkdir()
    file.write_text("1")
    before = Pages("queue", tmp_path).static("own.js")
    file.write_text("2")
    assert Pages("queue", tmp_path).static("own.js") != before


def test_a_service_may_not_shadow_a_file_of_the_shell(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "api.js").write_text("")
    with pytest.raises(ValueError, match="has the name of"):
        Pages("queue", tmp_path)


def test_a_variable_nobody_gave_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="organizations"):
        Pages("queue").render("home.html")


def test_what_people_wrote_is_never_markup() -> None:
    organization = {"slug": "x", "name": "<b>Bold</b>", "help_contact": "", "words": ""}
    html = Pages("queue").render("home.html", organizations=[organization], campaigns=[])
    assert "&lt;b&gt;Bold" in html


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_parses_and_holds_nothing_inline(template: Path) -> None:
    source = template.read_text()
    Environment(autoescape=True).parse(source)
    assert INLINE.search(source) is None


# Forms whose buttons wait for nothing: one is answered with a page, the others are out of sight
# until their script shows them.
WAITING_FOR_NOTHING = {"confirmed.html": 1, "call.html": 2}
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
PRESSED = re.compile(r'\btype="submit"|\bbutton\(')


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_form_that_its_script_sends_waits_for_the_script(template: Path) -> None:
    forms = FORM.findall(template.read_text())
    # What is typed never stands in an address, even where a form is sent some other way.
    assert all('method="post"' in form for form in forms if "data-filters" not in form)
    pressed = sum(1 for form in forms if PRESSED.search(form))
    assert pressed == WAITING_FOR_NOTHING.get(template.name, 0)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_a_module_imports_only_what_is_served_beside_it(module: Path) -> None:
    beside = {
        path.name for folder in (module.parent, SHELL / "static") for path in folder.glob("*.js")
    }
    source = module.read_text()
    assert set(IMPORTS.findall(source)) <= beside
    assert len(source.splitlines()) < 250


@pytest.mark.parametrize(
    "folder",
    [SHELL / "static" / "vendor", CHECKOUT / "tests" / "support" / "axe"],
    ids=lambda path: path.name,
)
def test_vendored_files_are_the_ones_named(folder: Path) -> None:
    rows = re.findall(
        r"^\| `(\S+\.js)` .*`([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.MULTILINE
    )
    assert {name for name, _ in rows} == {path.name for path in folder.glob("*.js")}
    for name, checksum in rows:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum
