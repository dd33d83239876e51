"""What a service's database user may do, asked of a real MongoDB that checks: all but its log."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.containers import replica_set
from deploy.containers.roles import LOG, changed, database_of, users
from deploy.embedded.mongodb import MongoDB
from deploy.processes import SERVICES
from libs.database import (
    Client,
    Collection,
    Database,
    Document,
    OperationFailure,
    PyMongoError,
    connect,
)
from libs.eventstore.indexes import IndexMissing, make_indexes
from libs.eventstore.mongo import MongoLog
from libs.eventstore.order import Order
from libs.eventstore.store import Commit, Meta
from libs.eventstore.tail import Tail
from libs.views.parking import Parked, Parking
from libs.views.progress import Progress
from libs.views.readiness import Readiness
from libs.views.runner import ViewRunner
from services.queue.views.voters import Voters
from tests.libs.counting import Counted
from tests.libs.marks import AT, Marked, Marks, all_of, marked_log, recount
from tests.libs.test_view_runner import rows_in
from tests.support.backing import embedded, eventually, free_port

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

UNAUTHORIZED = 13
VIEW_NAME = f"{Voters.name}_v{Voters.version}"

SignIn = Callable[[str], Client]


class MarksOfVoters(Marks):
    """A view made up for tests, in the place of one that the queue has."""

    name = Voters.name
    version = Voters.version


def now():
    return AT


def commit(id: str, stream: str, version: int = 1) -> Commit:
    return Commit(id, stream, version, (Counted(counter_id=stream, by=1),), Meta(AT, "caller-1"))


@asynccontextmanager
async def locked_mongod(folder: Path) -> AsyncIterator[str]:
    """A mongod that nobody may speak to without a password; the address, without one."""
    mongodb = MongoDB(port=free_port(), folder=folder, oplog_mb=64)
    key = folder / "keyfile"
    key.write_text(secrets.token_hex(64), encoding="utf-8")
    key.chmod(0o400)
    address = f"mongodb://127.0.0.1:{mongodb.port}/?directConnection=true"

    async def answers() -> bool:
        client = connect(address, pool_size=1)
        try:
            await client.admin.command("hello")
        except PyMongoError:
            return False
        finally:
            await client.close()
        return True

    child = mongodb.child()
    child = replace(child, argv=(*child.argv, "--auth", "--keyFile", str(key)), ready=answers)
    async with embedded(child, logs=folder / "logs"):
        yield address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sign_in(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SignIn]:
    """Users as the containers make them; what one had before, as in older houses, is taken away."""
    clients: list[Client] = []
    async with locked_mongod(tmp_path_factory.mktemp("locked")) as address:
        member = address.removeprefix("mongodb://").partition("/")[0]
        passwords = {user: secrets.token_hex(16) for user in ("admin", *users())}
        await replica_set.prepare(member, passwords, address)

        def as_user(user: str) -> Client:
            url = address.replace("//", f"//{user}:{passwords[user]}@") + "&authSource=admin"
            clients.append(connect(url))
            return clients[-1]

        older = [{"role": "readWrite", "db": database_of("queue")}]
        await as_user("admin")["admin"].command("grantRolesToUser", "queue", roles=older)
        await replica_set.prepare(member, passwords, address)
        yield as_user
        for client in clients:
            await client.close()


@pytest.fixture
def queue(sign_in: SignIn) -> Database:
    return sign_in("queue")[database_of("queue")]


async def refused(asked: Awaitable[object]) -> bool:
    """Whether the user lacks the right; that it is done after all answers no."""
    try:
        await asked
    except OperationFailure as refusal:
        return refusal.code == UNAUTHORIZED
    return False


async def is_published(order: Order) -> bool:
    return await order.published() == order.last


async def test_a_service_adds_to_its_log_and_reads_it(queue: Database) -> None:
    log = MongoLog(queue, "queue.events")
    await log.prepare()
    await log.append(commit("added", "added"))
    assert (await log.read("added")).version == 1
    assert await queue["commits"].find_one({"_id": "added"}) is not None
    await log.close()


async def test_nothing_in_a_log_can_be_changed_or_deleted_by_its_service(queue: Database) -> None:
    log = MongoLog(queue, "queue.events")
    await log.append(commit("kept", "kept"))
    await log.close()
    for name in LOG:
        rows: Collection = queue[name]
        assert await refused(rows.update_one({"_id": "kept"}, {"$set": {"version": 9}}))
        assert await refused(rows.replace_one({"_id": "kept"}, {"version": 9}))
        assert await refused(rows.find_one_and_update({}, {"$set": {"version": 9}}))
        assert await refused(rows.delete_one({"_id": "kept"}))
        assert await refused(rows.delete_many({}))
        assert await refused(rows.drop_index("stream_version"))
        assert await refused(rows.create_index("meta.at", expireAfterSeconds=0))
        expiring = {"keyPattern": {"stream": 1, "version": 1}, "expireAfterSeconds": 0}
        assert await refused(queue.command("collMod", name, index=expiring))
        assert await refused(rows.drop())
        assert await refused(rows.rename("elsewhere"))
    assert await refused(queue["view_state"].aggregate([{"$match": {}}, {"$out": "commits"}]))
    kept = await queue["commits"].find_one({"_id": "kept"})
    assert kept is not None
    assert kept["version"] == 1


async def test_a_log_that_lacks_an_index_is_not_opened(sign_in: SignIn) -> None:
    log = MongoLog(sign_in("gotv")[database_of("gotv")], "gotv.events")
    whole = sign_in("admin")[database_of("gotv")]
    await whole["commits"].drop_index("claims")
    with pytest.raises(IndexMissing, match=r"gotv\.commits lacks its index claims"):
        await log.prepare()
    await make_indexes(whole)
    await log.prepare()


async def test_a_service_sees_no_other_database(sign_in: SignIn) -> None:
    others = sign_in("queue")
    for service in {*SERVICES} - {"queue"}:
        assert await refused(others[database_of(service)]["commits"].find_one({}))
        assert await refused(others[database_of(service)]["view_state"].insert_one({}))


async def test_a_view_is_folded_cleared_and_filled_again(queue: Database) -> None:
    facts = await all_of(await marked_log(Marked, range(40)))
    parking = Parking(queue, now)
    await parking.prepare()
    runner = ViewRunner(MarksOfVoters(), queue, parking, now)
    for _ in range(2):
        readiness = Readiness(queue, now)
        assert not await readiness.open(runner.name)
        await runner.prepare()
        await runner.apply(facts[:20])
        await runner.apply(facts)
        assert await rows_in(queue, runner.name) == recount(facts)
        await readiness.complete(runner.name, {"left_events/0": 40})
        assert await Readiness(queue, now).open(runner.name)
        await queue[runner.name].drop()


async def test_facts_are_parked_and_let_go_and_progress_is_saved(queue: Database) -> None:
    fact = (await all_of(await marked_log(Marked, range(1))))[0]
    parking = Parking(queue, now)
    await parking.prepare()
    entry = Parked.fact(VIEW_NAME, "thing/t0", fact, "ValueError")
    await parking.park([entry])
    assert await parking.of_row(VIEW_NAME, "thing/t0")
    await parking.release([entry])
    assert not await parking.of_row(VIEW_NAME, "thing/t0")
    progress = Progress(queue, [VIEW_NAME])
    progress.reached(VIEW_NAME, "left_events/0", 7)
    await progress.refresh()
    assert progress.expected(VIEW_NAME, "left_events/0") == 7


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_changes_every_collection_that_it_has(
    sign_in: SignIn, service: str
) -> None:
    database = sign_in(service)[database_of(service)]
    for name in changed(service):
        rows = database[name]
        await rows.create_index([("trial", 1)])
        await rows.insert_one({"_id": "trial"})
        await rows.update_one({"_id": "upserted"}, {"$set": {"trial": 1}}, upsert=True)
        await rows.find_one_and_update({"_id": "trial"}, {"$set": {"trial": 2}})
        await rows.replace_one({"_id": "trial"}, {"trial": 3})
        assert (await rows.delete_many({"_id": {"$in": ["trial", "upserted"]}})).deleted_count == 2


async def test_the_relay_follows_every_log_orders_it_and_changes_no_commit(
    sign_in: SignIn,
) -> None:
    client = sign_in("relay")
    names = [database_of(service) for service in SERVICES]
    async with Tail(client, names, None) as tail:
        for service in SERVICES:
            log = MongoLog(sign_in(service)[database_of(service)], f"{service}.events")
            await log.prepare()
            await log.append(commit(f"told by {service}", "told"))
            await log.close()
        arrived: dict[str, Sequence[Document]] = {}
        while len(arrived) < len(SERVICES):
            told = await tail.next()
            arrived |= told.commits
    for name, commits in arrived.items():
        order = Order(client[name])
        await order.load()
        await order.settle()
        await order.give(await order.without_ordered(commits), told.token)
        await order.mark_published(order.last)
        await order.mark_passed(told.token)
        assert await order.commits_of(order.last) == list(commits)
        await eventually(partial(is_published, order), saying="the mark can be read at majority")
        await order.rewind()
        rows: Collection = client[name]["commits"]
        assert await refused(rows.insert_one({"_id": "forged"}))
        assert await refused(rows.update_one({}, {"$set": {"version": 9}}))
        assert await refused(rows.delete_one({}))
        assert await refused(client[name]["order"].delete_one({}))
