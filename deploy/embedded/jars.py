"""Kafka's jars: fetched once into the checkout, each one checked against its pinned sha256.

The list in `kafka-jars.sha256` is the whole resolution, so a start resolves nothing and cannot
drift. Run this module to write the list anew after changing `COORDINATES`.
"""

import fcntl
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jgo.maven import Artifact, MavenContext
from jgo.parse import Coordinate

# The `!` keeps log4j's own dependency management out. Without it jgo takes log4j's parent as a
# bill of materials for everything, and the broker gets the client library of Kafka 3.8.
COORDINATES = (
    "org.apache.kafka:kafka_2.13:4.1.0",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3!",
)
PINNED = Path(__file__).with_name("kafka-jars.sha256")
_HEADER = (
    "# Every jar of the embedded Kafka: sha256, then its path in a Maven repository."
    " Written by `python -m deploy.embedded.jars`.\n"
)
_DOWNLOADS_MAX = 8
_TIMEOUT_SECONDS = 60


class WrongJar(Exception):
    """A jar is not the one that was pinned."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One pinned jar; `path` is `group/artifact/version/file` as a Maven repository lays it out."""

    sha256: str
    path: str

    def within(self, folder: Path) -> Path:
        return folder / self.path

    def is_in(self, folder: Path) -> bool:
        file = self.within(folder)
        return file.is_file() and _sha256(file) == self.sha256

    def artifact(self, context: MavenContext) -> Artifact:
        *group, name, version, _ = self.path.split("/")
        return context.project(".".join(group), name).at_version(version).artifact()


def pinned() -> tuple[Jar, ...]:
    """Every jar the embedded Kafka needs, in class path order."""
    lines = PINNED.read_text(encoding="utf-8").splitlines()
    return tuple(Jar(*line.split()) for line in lines if line and not line.startswith("#"))


def class_path(folder: Path) -> str:
    """What `java -cp` takes; the same before and after the jars have been fetched."""
    return ":".join(str(jar.within(folder)) for jar in pinned())


def fetch(folder: Path) -> int:
    """Bring every pinned jar into `folder`; answers how many had to be downloaded.

    A jar that is damaged, or half there because an earlier fetch was killed, is fetched again. One
    that still differs from its pinned sha256 is removed and raises `WrongJar`.
    """
    with _alone_in(folder):
        missing = [jar for jar in pinned() if not jar.is_in(folder)]
        context = MavenContext(repo_cache=folder, local_repos=[], timeout=_TIMEOUT_SECONDS)
        with ThreadPoolExecutor(_DOWNLOADS_MAX) as pool:
            list(pool.map(lambda jar: _download(jar, folder, context), missing))
    return len(missing)


def _download(jar: Jar, folder: Path, context: MavenContext) -> None:
    file = jar.within(folder)
    file.unlink(missing_ok=True)
    jar.artifact(context).resolve()
    if not jar.is_in(folder):
        file.unlink(missing_ok=True)
        raise WrongJar(
            f"{file.name} is not the jar that {PINNED.name} pins, so it was removed. Try again; if"
            " it differs again, something between here and the Maven repository changes files."
        )


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Two test runs of one checkout may ask for the jars at the same moment."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def pin(folder: Path) -> tuple[Jar, ...]:
    """Resolve `COORDINATES` afresh, download what they need, and write the pinned list."""
    context = MavenContext(repo_cache=folder, local_repos=[], timeout=_TIMEOUT_SECONDS)
    wanted = [context.create_dependency(Coordinate.parse(text)) for text in COORDINATES]
    named, brought_along = context.resolver.resolve(wanted)
    needed = [*named, *(each for each in brought_along if each.scope in {"compile", "runtime"})]
    files = [dependency.artifact.resolve() for dependency in needed]
    jars = [Jar(_sha256(file), file.relative_to(folder).as_posix()) for file in files]
    jars.sort(key=lambda jar: jar.path)
    PINNED.write_text(
        _HEADER + "".join(f"{jar.sha256}  {jar.path}\n" for jar in jars), encoding="utf-8"
    )
    return tuple(jars)


if __name__ == "__main__":
    pin(Path(__file__).parents[2] / ".cache" / "kafka")
