"""Tries a running house of containers: a call, then a call around each process that is killed.

    docker compose up --build --detach
    python -m deploy.compose_check            # COMPOSE="docker-compose" for the older command

It uses the demo's own caller and organizer, writes down what it sees, and ends with 1 when a call
that was acknowledged is not counted, or a process does not come back.
"""

import argparse
import os
import secrets
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from deploy.embedded.setup import CALLER, ORGANIZER
from deploy.processes import PROGRAMS, SERVICES

DEADLINE_SECONDS = 120.0
POLL_SECONDS = 0.5
# Callers wait for the one, the tallies for the other; the relay stands between the two.
KILLED = ("web-queue", "worker-results", "relay", "gateway")

Seen = TypeVar("Seen")


class NotSo(Exception):
    """Something that must be so was not, within its time."""


@dataclass(frozen=True, slots=True)
class Containers:
    """`docker compose` on this project."""

    command: tuple[str, ...]

    def run(self, *arguments: str) -> str:
        """Its output. Raises NotSo when it fails."""
        done = subprocess.run(  # noqa: S603 - the command is the one who runs us's own.
            [*self.command, *arguments], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            message = f"{' '.join(arguments)}: {done.stderr.strip()[-500:]}"
            raise NotSo(message)
        return done.stdout

    def container(self, name: str) -> str:
        """The id of a service's container."""
        return self.run("ps", "--quiet", name).split()[0]

    def kill_inside(self, name: str) -> None:
        """`kill -9` of every process in it but its init, as the kernel would when memory is short.

        Not `docker kill`, which Docker takes for a wish that it stay away.
        """
        subprocess.run(  # noqa: S603 - as above.
            [*self.command, "exec", "-T", name, "sh", "-c", "kill -9 -1"],
            capture_output=True,
            check=False,  # The shell dies with the others.
        )

    def restarts(self, name: str) -> int:
        """How often Docker has started it again."""
        form = "{{.RestartCount}} {{.State.Running}}"
        output = subprocess.run(  # noqa: S603 - as above.
            ["docker", "inspect", "--format", form, self.container(name)],  # noqa: S607 - as found.
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        return int(output[0]) if output[1] == "true" else -1


class House:
    """The house as its caller and its organizer meet it."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=30.0, trust_env=False)
        self._caller = self._log_in(CALLER)
        self._organizer = self._log_in(ORGANIZER)
        banks = self._http.get("/queue/phone-banks?organization=dvc-palo-alto").json()
        self._bank_id = next(each["bank_id"] for each in banks["phone_banks"] if each["practice"])
        current = self._ask("GET", "/identity/sessions/current", self._caller)
        self._caller_id = current["caller"]["caller_id"]

    def call(self) -> None:
        """A voter and a result, however long it takes until both are acknowledged."""
        place = f"/queue/phone-banks/{self._bank_id}/assignments"
        assignment = self._ask("POST", place, self._caller, {})
        results = [
            {"voter_id": voter["voter_id"], "disposition": "not_home", "answers": {}}
            for voter in assignment["voters"]
        ]
        body = {"ticket": assignment["ticket"], "spoke_with": "nobody", "results": results}
        call = self._ask("POST", "/results/calls", self._caller, body)
        # The receipt frees our seat at once, whatever the bus is doing.
        freed = self._ask("POST", place, self._caller, {"receipt": call["receipt"]})
        self._ask(
            "DELETE", f"/queue/assignments/{freed['assignment_id']}?reason=left", self._caller
        )

    def counted(self) -> int:
        """Calls of our caller that the tallies know."""
        place = f"/results/phone-banks/{self._bank_id}/tallies"
        tallies = self._ask("GET", place, self._organizer)
        ours = [each for each in tallies["by_caller"] if each["caller_id"] == self._caller_id]
        return sum(each["attempts"] for each in ours)

    def _log_in(self, person: dict[str, str]) -> str:
        about = {"email": person["email"], "password": person["password"]}
        token: str = self._ask("POST", "/identity/sessions", "", about)["token"]
        self._http.cookies.clear()
        return token

    def _ask(
        self, method: str, path: str, token: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """The same command until it is answered; the answer's body. Raises NotSo."""
        headers = {"idempotency-key": secrets.token_hex(12)}
        if token:
            headers["authorization"] = f"Bearer {token}"

        def answered() -> httpx.Response | None:
            try:
                answer = self._http.request(method, path, json=body, headers=headers)
            except httpx.HTTPError:
                return None
            return None if answer.is_server_error else answer

        answer = until(answered, f"{method} {path.partition('?')[0]} is answered")
        if answer.is_error:
            message = f"{method} {path}: {answer.status_code} {answer.text[:500]}"
            raise NotSo(message)
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


def until(ask: Callable[[], Seen | None], what: str) -> Seen:
    """Ask until the answer is not None (or False). Raises NotSo at the deadline."""
    end = time.monotonic() + DEADLINE_SECONDS
    while True:
        seen = ask()
        if seen:
            return seen
        if time.monotonic() > end:
            message = f"after {DEADLINE_SECONDS:.0f} s it is not so that {what}"
            raise NotSo(message)
        time.sleep(POLL_SECONDS)


def check(containers: Containers, url: str) -> None:
    """The trial. Raises NotSo."""
    running = set(containers.run("ps", "--services").split())
    wanted = {f"{kind}-{each}" for kind in ("web", "worker") for each in SERVICES} | set(PROGRAMS)
    if not wanted <= running:
        message = f"not there: {', '.join(sorted(wanted - running))}"
        raise NotSo(message)
    house = House(url)
    made = house.counted()
    for name in ("", *KILLED):
        began_seconds = time.monotonic()
        if name:
            before = containers.restarts(name)
            containers.kill_inside(name)
        house.call()
        called_seconds = time.monotonic() - began_seconds
        made += 1
        until(lambda: house.counted() >= made, "the call is counted")  # noqa: B023 - asked at once.
        if house.counted() != made:
            message = f"{house.counted()} calls are counted, {made} were made"
            raise NotSo(message)
        if name:
            until(lambda: containers.restarts(name) > before, f"{name} is back")  # noqa: B023 - as above.
        counted_seconds = time.monotonic() - began_seconds
        _say(
            f"{f'{name} killed with -9: the' if name else 'a'} call was acknowledged after"
            f" {called_seconds:.1f} s and counted, once, after {counted_seconds:.1f} s"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; answers the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://localhost:8000")
    chosen = parser.parse_args(arguments)
    containers = Containers(tuple(shlex.split(os.environ.get("COMPOSE", "docker compose"))))
    try:
        check(containers, chosen.url)
    except NotSo as problem:
        _say(str(problem))
        return 1
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
