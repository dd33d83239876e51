"""Compare every view with the logs, every log with itself, and every topic with its log.

`python -m deploy.verify` prints what differs, one line each, and ends with 1 when anything does.
`--repair` makes the differing rows anew from the logs and frees parked facts that can be applied.
"""

import argparse
import asyncio
import importlib
import sys
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass

from libs.chassis.clock import server_clock
from libs.chassis.settings import Settings
from libs.chassis.worker import Policies, reaction_passes, topics_of
from libs.database import Client, connect
from libs.eventstore.mongo import MongoLog
from libs.eventstore.store import Log
from libs.views.audit import Finding, check_log, check_topic
from libs.views.parking import Parking
from libs.views.reactions import PolicyRunner
from libs.views.replay import CannotReplay, replay_key, replay_reactions, replay_row
from libs.views.topics import Topics
from libs.views.verify import Difference, verify
from libs.views.view import View

SERVICES = ("identity", "voters", "queue", "results", "gotv")


@dataclass(frozen=True, slots=True)
class House:
    """Every service's views and log, and where they lie."""

    settings: Settings
    client: Client
    views: Mapping[str, Sequence[View]]
    policies: Mapping[str, Policies]
    logs: Mapping[str, Log]

    def logs_for(self, view: View) -> list[Log]:
        """The logs of the publishers a view listens to."""
        topics = topics_of(view.listens, self.settings)
        return [log for topic, log in self.logs.items() if topic in topics]


def open_house(settings: Settings, client: Client) -> House:
    """Import every worker (and with it every fact it reads) and name every log."""
    for service in SERVICES:
        importlib.import_module(f"libs.events.{service}")
    workers = {
        service: importlib.import_module(f"services.{service}.worker") for service in SERVICES
    }
    views = {service: worker.VIEWS for service, worker in workers.items()}
    policies = {service: worker.policies for service, worker in workers.items()}
    logs: dict[str, Log] = {
        settings.topic(service): MongoLog(
            client[settings.database(service)], settings.topic(service), settings.partitions
        )
        for service in SERVICES
    }
    return House(settings, client, views, policies, logs)


async def check(house: House, *, repairing: bool) -> int:
    """Print every finding; how many remain."""
    found = 0
    topics = Topics(house.settings.kafka_bootstrap)
    for service in house.views:
        database = house.client[house.settings.database(service)]
        found += tell(service, await check_log(database))
        topic = house.settings.topic(service)
        found += tell(service, await check_topic(topics, topic, house.logs[topic]))
        for view in house.views[service]:
            found += await check_view(house, service, view, repairing=repairing)
        found += await check_policies(house, service, repairing=repairing)
    return found


async def check_view(house: House, service: str, view: View, *, repairing: bool) -> int:
    """Compare one view; repair it if asked to, and compare again."""
    database = house.client[house.settings.database(service)]
    parking = Parking(database, server_clock(house.settings.clock_offset_seconds))
    logs = house.logs_for(view)
    report = await verify(view, database, logs)
    if repairing and (report.differences or report.parked_rows):
        parked = await parking.listing(report.view)
        for key in sorted({entry.kafka_key for entry in parked if entry.row is None}):
            await attempt(service, replay_key(view, key, database, parking, logs))
        rows = {entry.row for entry in parked if entry.row is not None}
        for row in sorted(rows | {difference.row for difference in report.differences}):
            await attempt(service, replay_row(view, row, database, parking, logs))
        report = await verify(view, database, logs)
    say(
        f"{service}: {report.view}: {report.rows} rows, {report.facts} facts,"
        f" {len(report.differences)} differ, {report.parked_rows} parked"
    )
    waiting = Finding(f"{report.parked_rows} rows wait for a replay", report.view)
    return tell(service, report.differences) + tell(
        service, [waiting] if report.parked_rows else ()
    )


async def check_policies(house: House, service: str, *, repairing: bool) -> int:
    """Look for facts that a policy could not react to; react to them now if asked to."""
    database = house.client[house.settings.database(service)]
    now = server_clock(house.settings.clock_offset_seconds)
    parking = Parking(database, now)
    own = house.logs[house.settings.topic(service)]
    found = 0
    for policy in house.policies[service](own, database, now):
        runner = PolicyRunner(policy, parking, now, passes=reaction_passes)
        parked = await parking.listing(runner.name)
        if parked and repairing:
            logs = [house.logs[topic] for topic in topics_of(policy.listens, house.settings)]
            for key in sorted({entry.kafka_key for entry in parked}):
                await attempt(service, replay_reactions(runner, key, parking, logs))
            parked = await parking.listing(runner.name)
        waiting = Finding(f"{len(parked)} facts wait for a replay", runner.name)
        found += tell(service, [waiting] if parked else ())
    return found


async def attempt(service: str, repair: Coroutine[None, None, None]) -> None:
    """Repair one row; say why when it cannot be."""
    try:
        await repair
    except CannotReplay as reason:
        say(f"{service}: {reason}")


def tell(service: str, findings: Iterable[Finding | Difference]) -> int:
    """Print findings; how many."""
    count = 0
    for finding in findings:
        say(f"{service}: {finding}")
        count += 1
    return count


def say(line: str) -> None:
    """One line to the operator."""
    sys.stdout.write(f"{line}\n")


async def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 when everything is as the logs say, else 1."""
    parser = argparse.ArgumentParser(prog="python -m deploy.verify", description=__doc__)
    parser.add_argument("--repair", action="store_true", help="make differing rows anew")
    repairing: bool = parser.parse_args(arguments).repair
    settings = Settings()
    client = connect(settings.mongodb_url)
    try:
        found = await check(open_house(settings, client), repairing=repairing)
    finally:
        await client.close()
    say(f"{found} findings" if found else "everything is as the logs say")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
