"""The roles of database users: what may be changed is named, so nothing may be forgotten."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.containers.roles import LOG, MARKS, OF_EVERY_WORKER, OWN, changed, roles
from deploy.processes import SERVICES
from libs.chassis.campaign_names import COLLECTION as CAMPAIGN_NAMES

ROOT = Path(__file__).parents[2]
# What a database is called where code asks it for a collection, e.g. `desk.database["people"]`.
DATABASES = {"database", "views"}


def test_no_role_may_change_a_log_or_everything() -> None:
    for privileges in roles().values():
        for privilege in privileges:
            if privilege["resource"]["collection"] in {"", *LOG}:
                assert not {"createIndex", "update", "remove", "dropCollection"} & set(
                    privilege["actions"]
                )


@pytest.mark.parametrize("service", SERVICES)
def test_every_collection_that_a_service_asks_for_is_in_its_role(service: str) -> None:
    asked = set(asked_for(ROOT / "services" / service))
    assert asked >= set(OWN[service]), "deploy/containers/roles.py names one that is gone"
    assert asked <= set(changed(service)), "name it in deploy/containers/roles.py"


def test_every_collection_that_the_libraries_ask_for_is_in_every_role() -> None:
    asked = set(asked_for(ROOT / "libs"))
    assert asked >= {*OF_EVERY_WORKER, *LOG, MARKS}
    for service in SERVICES:
        mine = asked - {CAMPAIGN_NAMES}  # A view, of the services that list it.
        assert mine <= {*changed(service), *LOG, MARKS}, "name it in deploy/containers/roles.py"


def asked_for(folder: Path) -> Iterator[str]:
    """The collections that the code in a folder asks a database for, by name or by constant."""
    for file in sorted(folder.rglob("*.py")):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Subscript(value=source, slice=name) if last_word(source) in DATABASES:
                    pass
                case ast.Call(func=ast.Attribute(value=source, attr="get_collection")) if node.args:
                    name = node.args[0]
                case _:
                    continue
            yield from named(name, module)


def last_word(source: ast.expr) -> str:
    """`database` of `self._database` and of `database`."""
    match source:
        case ast.Name(id=word) | ast.Attribute(attr=word):
            return word.removeprefix("_")
    return ""


def named(name: ast.expr, module: str) -> Iterator[str]:
    """What an expression is in its module; a name that is handed in has its place where it is."""
    match name:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id="name") | ast.Attribute() | ast.Starred():
            return
        case _:
            yield eval(ast.unparse(name), vars(importlib.import_module(module)))  # noqa: S307 - our own code.
