"""The shell of every page: one look around one service's own templates and modules."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from libs.chassis.problems import Unauthenticated, Unavailable, status_of
from libs.chassis.requests import principal_of
from libs.decider import Refusal

SHELL = Path(__file__).parent
RELEASE_LENGTH = 12
REFUSED = {
    403: "This page is not for you",
    404: "There is no such page",
    415: "The page was not ready yet",
}
FOR_EVER = "public, max-age=31536000, immutable"


class Pages:
    """Renders one service's pages inside the shell and names the files they load.

    `folder` holds the service's own `templates/` and `static/`; either may be missing. The shell's
    files and the service's are one flat set, so that modules import each other by `./name.js`; a
    file of the service with the name of a shell file is a mistake and refused at the start.
    """

    def __init__(self, service: str, folder: Path | None = None) -> None:
        folders = [SHELL] if folder is None else [folder, SHELL]
        self._files = _files([each / "static" for each in folders])
        self._release = _digest(self._files)
        self.static_path = f"/static/{service}"
        self._templates = Environment(
            loader=FileSystemLoader([each / "templates" for each in folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # What most pages leave out: who is logged in, and whose words and help the page carries.
        self._templates.globals.update(static=self.static, caller=None, organization=None)

    def static(self, name: str) -> str:
        """The address of a file, with the set's content hash in it; LookupError for no file."""
        if name not in self._files:
            message = f"no static file {name!r}"
            raise LookupError(message)
        return f"{self.static_path}/{self._release}/{name}"

    def render(self, name: str, **context: Any) -> str:
        """The page as HTML. A variable that the template needs and nobody gave is an error."""
        return self._templates.get_template(name).render(context)

    def answer(self, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """The page as an answer that no cache keeps, for it may greet the caller by name."""
        html = self.render(name, status=status, **context)
        return HTMLResponse(html, status, headers={"cache-control": "no-store"})

    def refused(self, request: Request, refusal: Refusal, **around: Any) -> Response:
        """A refusal as a page; a stranger is sent to the log-in form, and from there back here.

        What only cannot be done right now is offered again.
        """
        if isinstance(refusal, Unauthenticated):
            asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/log-in?next={quote(asked, safe='/')}", 303)
        status = status_of(refusal)
        around.setdefault("caller", _caller_of(request))
        if isinstance(refusal, Unavailable):
            around.setdefault("action", {"label": "Try again", "href": ""})
        sentence = " ".join((type(refusal).__doc__ or "").split())
        return self.answer(
            "problem.html",
            status=status,
            title=REFUSED.get(status, "That cannot be done now"),
            detail=refusal.detail or sentence,
            **around,
        )

    def static_app(self) -> StaticFiles:
        """What to mount at `static_path`."""
        return _HashedFiles(self._files, self._release)


def _caller_of(request: Request) -> dict[str, str] | None:
    """Who asks, for the shell: refused is not logged out."""
    try:
        return {"id": principal_of(request).caller_id, "first_name": ""}
    except Unauthenticated:
        return None


class _HashedFiles(StaticFiles):
    """Files under `<hash>/<name>`: kept for ever under the right hash, else asked for again.

    A page opened before an upgrade still gets its modules: they are the new ones, uncached.
    """

    def __init__(self, files: dict[str, Path], release: str) -> None:
        super().__init__(directory=SHELL / "static")
        self._paths = files
        self._release = release

    def lookup_path(self, path: str) -> tuple[str, Any]:
        _, _, name = path.partition("/")
        file = self._paths.get(name)
        return ("", None) if file is None else (str(file), file.stat())

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        kept = path.partition("/")[0] == self._release
        response.headers["cache-control"] = FOR_EVER if kept else "no-cache"
        return response


def _files(folders: Iterable[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = file.relative_to(folder).as_posix()
            if name in found:
                message = f"{file} has the name of {found[name]}"
                raise ValueError(message)
            found[name] = file
    return found


def _digest(files: dict[str, Path]) -> str:
    digest = hashlib.sha256()
    for name, file in sorted(files.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:RELEASE_LENGTH]
