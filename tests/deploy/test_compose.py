"""docker-compose.yml: the whole house is there, nobody is root, nothing starts without secrets."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from deploy import processes, secrets
from deploy.containers.roles import roles, users
from deploy.embedded.house import house
from deploy.embedded.place import Place
from deploy.embedded.topics import declared
from deploy.gateway import GatewaySettings
from deploy.processes import SERVICES
from libs.chassis.settings import Settings
from services.gotv.settings import GotvSettings
from services.identity.settings import IdentitySettings
from services.queue.settings import QueueSettings
from services.results.settings import ResultsSettings
from services.voters.settings import VotersSettings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
CONTAINERS: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
# They do one thing and end; who waits for them waits for their success.
ONCE = {"replica-set", "topics", "set-up"}
# Their images let go of root by themselves; caddy keeps the right to listen on 443 and no other.
OTHERS_IMAGES = {"kafka", "mongodb", "caddy"}
OURS = sorted(set(CONTAINERS) - OTHERS_IMAGES)
SETTINGS: Mapping[str, type[Settings]] = {
    "identity": IdentitySettings,
    "voters": VotersSettings,
    "queue": QueueSettings,
    "results": ResultsSettings,
    "gotv": GotvSettings,
}
OF_SERVICE = {"clock": "queue", "mailer": "identity", "importer": "voters"} | {
    f"{kind}-{service}": service for kind in ("web", "worker") for service in SERVICES
}
_VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")


def environment(name: str, given: Mapping[str, str]) -> dict[str, str]:
    """The container's environment as Compose would make it. Raises KeyError for a missing one."""

    def value(found: re.Match[str]) -> str:
        variable, kind, otherwise = found.groups()
        if given.get(variable):
            return given[variable]
        if kind == "-":
            return str(otherwise)
        raise KeyError(variable)

    told = CONTAINERS[name].get("environment", {})
    return {key: _VARIABLE.sub(value, str(text)) for key, text in told.items()}


def test_the_processes_are_those_of_the_embedded_house() -> None:
    embedded = {child.name for child in house(Place.from_environment({}), {}, print)}
    # There one process serves all five, and a supervisor looks after topics and replica set.
    expected = embedded - {"web"} | {f"web-{service}" for service in SERVICES} | {"gateway"}
    assert set(CONTAINERS) == expected | ONCE | {"caddy", "callers"}


@pytest.mark.parametrize("name", OURS)
def test_nobody_is_root_or_can_write_or_gain_a_right(name: str) -> None:
    container = CONTAINERS[name]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", container["user"])
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in container["security_opt"]
    assert not {"privileged", "cap_add", "devices"} & set(container)


@pytest.mark.parametrize("name", sorted(set(CONTAINERS) - ONCE))
def test_everybody_who_stays_has_a_check_of_health_and_starts_again(name: str) -> None:
    check = CONTAINERS[name]["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout", "retries"} <= set(check)
    assert CONTAINERS[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", OURS)
def test_a_command_names_a_module_that_is_there(name: str) -> None:
    command = " ".join(CONTAINERS[name]["command"])
    check = " ".join(CONTAINERS[name].get("healthcheck", {}).get("test", ()))
    modules = re.findall(r"(?:deploy|services)(?:\.\w+)+", f"{command} {check}")
    assert modules
    for module in modules:
        assert (ROOT / f"{module.replace('.', '/')}.py").exists(), module


@pytest.mark.parametrize("name", sorted(OF_SERVICE))
def test_a_process_runs_its_own_service_and_finds_all_it_asks_for(name: str) -> None:
    service = OF_SERVICE[name]
    assert f"services.{service}." in " ".join(CONTAINERS[name]["command"])
    for place in (secrets.demo(), secrets.production("phonebank.example.org", "smtp.example.org")):
        told = environment(name, place | secrets.made())
        settings = SETTINGS[service].model_validate(
            {key.lower(): value for key, value in told.items()}
        )
        assert settings.phonebank_env == place["PHONEBANK_ENV"]
        assert f"//{service}:" in settings.mongodb_url


def test_programs_are_those_of_the_house() -> None:
    for name, module in processes.PROGRAMS.items():
        assert CONTAINERS[name]["command"][-1] == module


def test_no_service_has_a_key_it_does_not_need() -> None:
    keys = {name: set(environment(name, secrets.demo() | secrets.made())) for name in OF_SERVICE}
    for name, service in OF_SERVICE.items():
        assert ("VAULT_KEY" in keys[name]) is (service in {"identity", "voters"})
        assert ("LINE_KEY" in keys[name]) is (service == "voters")
        assert ("TICKET_KEY" in keys[name]) is (service in {"queue", "results"})
    gateway = environment("gateway", secrets.demo() | secrets.made())
    assert set(gateway) & set(secrets.KEYS) == {"SERVICE_KEY"}


@pytest.mark.parametrize("missing", [*secrets.made(), "PHONEBANK_ENV", "PUBLIC_URL", "SMTP_HOST"])
def test_nothing_starts_without_its_secrets(missing: str) -> None:
    """Compose itself refuses: every use of the variable says what to do, and none has a default."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    uses = [found for found in _VARIABLE.finditer(text) if found[1] == missing]
    assert uses, f"{missing} is used by nobody"
    assert all(found[2] == "?" and found[3] for found in uses)


def test_no_secret_is_written_into_the_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for line in text.splitlines():
        if re.search(r"(KEY|PASSWORD|TOKEN|KEYFILE): ", line):
            assert "${" in line, line


def test_production_without_https_is_refused() -> None:
    place = secrets.production("phonebank.example.org", "smtp") | secrets.made()
    plain = environment("gateway", place | {"PUBLIC_URL": "http://phonebank.example.org"})
    with pytest.raises(ValidationError, match="https"):
        GatewaySettings.model_validate({key.lower(): value for key, value in plain.items()})


def test_kafka_and_mongodb_are_reached_by_nobody_outside() -> None:
    assert COMPOSE["networks"]["default"] == {"internal": True}
    published = {name for name, each in CONTAINERS.items() if "ports" in each}
    assert published == {"gateway", "caddy", "mailcatcher"}
    outside = {name for name, each in CONTAINERS.items() if "outside" in each.get("networks", ())}
    assert outside == published | {"mailer"}
    for name in ("gateway", "mailcatcher"):
        assert all(":-127.0.0.1:" in port for port in CONTAINERS[name]["ports"])


def test_every_user_has_a_password_and_a_service_no_role_but_its_own() -> None:
    given = users()
    assert {f"MONGODB_{user.upper()}_PASSWORD" for user in ("admin", *given)} <= set(secrets.made())
    for service in SERVICES:
        assert given[service] == [{"role": service, "db": "admin"}]
        assert {may["resource"]["db"] for may in roles()[service]} == {
            f"{processes.DATABASE_PREFIX}_{service}"
        }


def test_whoever_comes_out_of_order_waits_for_its_success() -> None:
    for name, service in OF_SERVICE.items():
        after = CONTAINERS[name]["depends_on"]
        assert after["replica-set"]["condition"] == "service_completed_successfully", service
        if name.startswith("worker-"):
            assert after["topics"]["condition"] == "service_completed_successfully"
    assert CONTAINERS["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    known = {topic.name for topic in declared()}
    assert all(set(processes.topics(service)) <= known for service in SERVICES)
