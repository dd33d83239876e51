"""`make demo`: everything on this machine, set up with made-up people, until Ctrl-C."""

import asyncio
import os
import sys

from deploy.embedded.place import Place, Unusable
from deploy.embedded.setup import SetUpFailed, set_up
from deploy.embedded.start import start


def say(line: str) -> None:
    """One line for the person who waits, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """The exit code: 0 after Ctrl-C, 1 when something must be mended first."""
    try:
        place = Place.from_environment(os.environ)
    except Unusable as problem:
        say(str(problem))
        return 1
    try:
        return asyncio.run(start(place, set_up, say))
    except SetUpFailed as problem:
        say(str(problem))
        return 1


if __name__ == "__main__":
    sys.exit(main())
