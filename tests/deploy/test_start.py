"""The whole start: what it prints, what it keeps, and that Ctrl-C leaves nothing behind."""

import asyncio
import importlib
import json
import signal
import stat
import sys
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from deploy.embedded import keys
from deploy.embedded.accounts import Accounts
from deploy.embedded.child import Port
from deploy.embedded.house import environment, house, watched
from deploy.embedded.place import Place, Unusable
from deploy.embedded.start import lines
from deploy.embedded.supervisor import layers
from deploy.embedded.topics import declared
from deploy.processes import LISTENS, SERVICES
from libs.chassis.settings import Settings
from libs.chassis.worker import group_of
from libs.eventstore.memory import MemoryLog
from tests.deploy.children import in_group
from tests.support.backing import free_port

ACCOUNTS = Accounts(
    organizer_email="olga@example.org",
    organizer_password="o",  # noqa: S106  a made-up person's
    caller_email="carl@example.org",
    caller_password="c",  # noqa: S106  a made-up person's
)
# The real start with small programs in the services' place, so that it can be stopped at will.
_STARTS = """
import asyncio, os, sys
from unittest.mock import patch
from deploy.embedded import start
from deploy.embedded.accounts import Accounts
from deploy.embedded.place import Place
from tests.deploy.children import serving

port = int(sys.argv[1])
accounts = Accounts(organizer_email="o@example.org", organizer_password="1",
                    caller_email="c@example.org", caller_password="2")

async def set_up(base_url, mail_url, setup_token, report):
    report("set up with a token of %d" % len(setup_token))
    return accounts

def house(place, secrets, say):
    return (place.mongodb.child(), serving("web", port, after=("mongodb",)))

with patch.object(start, "house", house):
    place = Place.from_environment(os.environ)
    sys.exit(asyncio.run(start.start(place, set_up, lambda line: print(line, flush=True))))
"""


@pytest.mark.real
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_says_what_to_do_keeps_the_accounts_and_stops_when_asked(
    number: signal.Signals, tmp_path: Path
) -> None:
    said = await _start_and_stop(tmp_path, number)
    assert "set up with a token of 44" in said
    assert said.index("Organizer: o@example.org / 1") < said.index("Caller: c@example.org / 2")
    again = await _start_and_stop(tmp_path, number)
    assert "Caller: c@example.org / 2" in again
    assert not any(line.startswith("set up") for line in again)


async def _start_and_stop(folder: Path, number: signal.Signals) -> list[str]:
    ports = {name: free_port() for name in ("PORT", "MONGODB_PORT")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _STARTS, str(ports["PORT"])),
        env={
            **{name: str(port) for name, port in ports.items()},
            "DATA_DIR": str(folder),
            "CALLERS": "0",
        },
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    said: list[str] = []
    async with asyncio.timeout(60):
        async for line in process.stdout:
            said.append(line.decode().rstrip())
            if said[-1].startswith("Ready:"):
                process.send_signal(number)
    assert await process.wait() == 0, said
    pids = [int(line.rsplit("pid ", 1)[1].rstrip(")")) for line in said if "pid " in line]
    assert len(pids) == 2
    assert [orphan for pid in pids for orphan in in_group(pid)] == []
    assert not any(Port(port, name).taken() for name, port in ports.items())
    return said


def test_every_port_follows_port_unless_set_by_itself() -> None:
    place = Place.from_environment({"PORT": "9100", "MAIL_PORT": "7000"})
    assert place.public_url == "http://localhost:9100"
    assert place.bootstrap == "127.0.0.1:9101"
    assert place.kafka_controller_port == 9102
    assert place.mongodb_url == "mongodb://127.0.0.1:9103/?replicaSet=rs0"
    assert (place.smtp_port, place.mail_port) == (9104, 7000)


@pytest.mark.parametrize("text", ["eighty", "-1", "0", "70000"])
def test_a_port_that_is_none_is_named(text: str) -> None:
    with pytest.raises(Unusable, match=f"MAIL_PORT={text} is not usable"):
        Place.from_environment({"MAIL_PORT": text})


def test_a_given_kafka_and_mongodb_win_over_the_embedded_ones() -> None:
    given = {"KAFKA_BOOTSTRAP": "kafka:9092", "MONGODB_URL": "mongodb://db/?replicaSet=rs0"}
    children = house(Place.from_environment(given), {}, print)
    assert not {"kafka", "mongodb"} & {child.name for child in children}
    assert all(child.env["KAFKA_BOOTSTRAP"] == "kafka:9092" for child in children)
    assert layers(children)[0] >= ("mailcatcher",)


def test_the_house_has_a_worker_for_every_service_and_stops_kafka_and_mongodb_last() -> None:
    children = house(Place.from_environment({}), {"TOKEN_KEY": "k"}, print)
    names = {child.name for child in children}
    assert {f"worker-{service}" for service in SERVICES} <= names
    assert names >= {"web", "relay", "clock", "mailer", "importer", "mailcatcher"}
    assert set(layers(children)[0]) == {"kafka", "mongodb", "mailcatcher"}


def test_the_watchdog_knows_the_groups_and_topics_of_the_workers() -> None:
    place = Place.from_environment({})
    secrets = {"TOKEN_KEY": "k" * 44, "SERVICE_KEY": "k" * 44}
    env = environment(place, secrets)
    settings = Settings.model_validate({name.lower(): value for name, value in env.items()})
    topics = {topic.name for topic in declared()}
    for each in watched():
        service = each.child.removeprefix("worker-")
        assert each.group == group_of(service, settings)
        assert settings.topic(service) in each.topics
        assert set(each.topics) <= topics


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_worker_listens_to_is_what_it_is_watched_on(service: str) -> None:
    """The views' facts, and those of policies, which only a running worker makes."""
    worker = importlib.import_module(f"services.{service}.worker")
    listens = [event for view in worker.VIEWS for event in view.listens]
    for policy in worker.policies(MemoryLog(), MagicMock(), MagicMock()):
        listens += policy.listens
    publishers = {event.TYPE.partition(".")[0] for event in listens}
    assert publishers | {service} == set(LISTENS[service])


def test_secrets_are_made_once_long_and_private(tmp_path: Path) -> None:
    made = keys.kept_in(tmp_path)
    assert set(made) == set(keys.NAMES)
    assert len(set(made.values())) == len(keys.NAMES)
    assert all(len(value) == 44 for value in made.values())
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert keys.kept_in(tmp_path) == made


def test_a_secret_that_is_new_is_added_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text(json.dumps({"VAULT_KEY": "old"}), encoding="utf-8")
    kept = keys.kept_in(tmp_path)
    assert kept["VAULT_KEY"] == "old"
    assert set(kept) == set(keys.NAMES)


def test_accounts_belong_to_the_database_they_were_made_in(tmp_path: Path) -> None:
    ACCOUNTS.keep(tmp_path, "mongodb://here")
    assert Accounts.kept_in(tmp_path, "mongodb://here") == ACCOUNTS
    assert Accounts.kept_in(tmp_path, "mongodb://elsewhere") is None


def test_ready_is_the_last_line() -> None:
    said = lines(Place.from_environment({}), ACCOUNTS)
    assert [line.split(":")[0] for line in said] == [
        "Organizer", "Caller", "Kafka", "MongoDB", "Mail", "Ready",
    ]  # fmt: skip
