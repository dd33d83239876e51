"""What each database user may do: services add to their log, and change everything but their log.

MongoDB's privileges only add up, so nothing can be taken away from a role: what may be changed is
named. Reading and adding hold for the whole database of a service; changing, dropping and making
indexes (one could let documents expire) hold for its views (as its worker lists them) and for the
collections named here.
"""

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from deploy.processes import DATABASE_PREFIX, SERVICES
from libs.views.view import View

Role = dict[str, str]
Privilege = dict[str, Any]

# Beside its views, what a service changes or deletes.
OF_EVERY_WORKER = ("view_state", "parked")
OWN: Mapping[str, tuple[str, ...]] = {
    "identity": (
        "devices",
        "links",
        "outbox",
        "own_words",
        "people",
        "session_code_decoys",
        "session_codes",
        "sessions",
    ),
    "voters": (
        "deposits",
        "import_rejected",
        "import_turns",
        "imports",
        "people",
        "selectable",
        "universe_drafts",
        "universe_pages",
        "upload_chunks",
    ),
    "queue": ("blocks",),
    "results": (),
    "gotv": (),
}
# The log itself, which is added to, and the marks of the relay, which are nobody else's.
LOG = ("commits", "order")
MARKS = "relay"

_ROLES_IN = "admin"
_ADD = [
    "collStats",
    "createCollection",
    "dbStats",
    "find",
    "insert",
    "listCollections",
    "listIndexes",
]
_CHANGE = ["createIndex", "dropCollection", "dropIndex", "remove", "update"]


def users() -> dict[str, list[Role]]:
    """Every user but the administrator, with its roles."""
    own = {user: [{"role": user, "db": _ROLES_IN}] for user in roles()}
    # The change stream over all logs is one over the whole deployment.
    own["relay"].append({"role": "readAnyDatabase", "db": "admin"})
    return own


def roles() -> dict[str, list[Privilege]]:
    """The role of each user, which is called like the user, with what it may do."""
    return {service: _of_service(service) for service in SERVICES} | {"relay": _of_relay()}


def changed(service: str) -> list[str]:
    """The collections in which a service may change and delete."""
    return sorted({*OF_EVERY_WORKER, *OWN[service], *_views(service)})


def _of_service(service: str) -> list[Privilege]:
    database = database_of(service)
    return [
        _may(database, "", _ADD),
        *(_may(database, collection, _CHANGE) for collection in changed(service)),
    ]


def _of_relay() -> list[Privilege]:
    privileges: list[Privilege] = []
    for database in map(database_of, SERVICES):
        privileges.append(_may(database, "order", ["find", "insert"]))
        privileges.append(_may(database, MARKS, ["find", "insert", "remove", "update"]))
    return privileges


def _views(service: str) -> Iterable[str]:
    """The versions before included: while a new house starts, workers of the old one still end."""
    views: tuple[View, ...] = importlib.import_module(f"services.{service}.worker").VIEWS
    for view in views:
        for version in range(1, view.version + 1):
            yield f"{view.name}_v{version}"


def _may(database: str, collection: str, actions: list[str]) -> Privilege:
    return {"resource": {"db": database, "collection": collection}, "actions": actions}


def database_of(service: str) -> str:
    """The database of a service, which has its name."""
    return f"{DATABASE_PREFIX}_{service}"
