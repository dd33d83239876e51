"""Makes a new mongod a replica set with its users; run again, it brings their roles up to date.

It also makes the indexes of the logs, which no service may make. It runs in mongod's own network,
for only from there may one speak before there is any user. What each user may do is in `roles.py`.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.containers.roles import Privilege, Role, database_of, roles, users
from deploy.processes import SERVICES
from libs.eventstore.indexes import make_indexes

REPLICA_SET = "rs0"
START_SECONDS_MAX = 60.0
POLL_SECONDS = 0.5
HERE = "mongodb://127.0.0.1:27017/?directConnection=true"
_UNAUTHORIZED = (13, 18)
_USER_EXISTS = 51003
_ROLE_EXISTS = 51002
_ADMIN = "admin"


async def prepare(member: str, passwords: Mapping[str, str], here: str = HERE) -> None:
    """`member` is the address that clients are told. Raises PyMongoError and TimeoutError."""
    async with asyncio.timeout(START_SECONDS_MAX):
        async with AsyncMongoClient[dict[str, Any]](here) as stranger:
            await _initiate(stranger, member)
            await _create_administrator(stranger, passwords[_ADMIN])
        async with AsyncMongoClient[dict[str, Any]](
            here, username=_ADMIN, password=passwords[_ADMIN]
        ) as administrator:
            for service in SERVICES:
                await make_indexes(administrator[database_of(service)])
            for role, privileges in roles().items():
                await _create_role(administrator, role, privileges)
            for user, given in users().items():
                await _create_user(administrator, user, passwords[user], given)


async def _initiate(client: AsyncMongoClient[dict[str, Any]], member: str) -> None:
    if "setName" not in await client.admin.command("hello"):
        members = [{"_id": 0, "host": member}]
        await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
    while not (await client.admin.command("hello")).get("isWritablePrimary"):  # noqa: ASYNC110 - another process has no event.
        await asyncio.sleep(POLL_SECONDS)


async def _create_administrator(client: AsyncMongoClient[dict[str, Any]], password: str) -> None:
    """The first user may be made by a stranger from here, and no other."""
    try:
        await client.admin.command("createUser", _ADMIN, pwd=password, roles=["root"])
    except OperationFailure as refusal:
        if refusal.code not in {*_UNAUTHORIZED, _USER_EXISTS}:
            raise


async def _create_role(
    client: AsyncMongoClient[dict[str, Any]], role: str, privileges: list[Privilege]
) -> None:
    """A role that is there is replaced, for this version may have other views."""
    try:
        await client.admin.command("createRole", role, privileges=privileges, roles=[])
    except OperationFailure as refusal:
        if refusal.code != _ROLE_EXISTS:
            raise
        await client.admin.command("updateRole", role, privileges=privileges, roles=[])


async def _create_user(
    client: AsyncMongoClient[dict[str, Any]], user: str, password: str, given: list[Role]
) -> None:
    try:
        await client.admin.command("createUser", user, pwd=password, roles=given)
    except OperationFailure as refusal:
        if refusal.code != _USER_EXISTS:
            raise
        await client.admin.command("updateUser", user, pwd=password, roles=given)


def main() -> int:
    """The exit code: 0 when clients can begin."""
    names = (_ADMIN, *users())
    passwords = {name: os.environ[f"MONGODB_{name.upper()}_PASSWORD"] for name in names}
    try:
        asyncio.run(prepare(os.environ["MONGODB_MEMBER"], passwords))
    except (PyMongoError, TimeoutError) as error:
        sys.stdout.write(f"the replica set is not ready: {type(error).__name__}: {error}\n")
        return 1
    sys.stdout.write(f"replica set {REPLICA_SET} is ready, with {len(names)} users\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
