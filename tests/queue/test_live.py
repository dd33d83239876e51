"""The open screen's quiet line: what it says when a lease moves and when a voter is taken away."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from libs.events.results import Disposition
from libs.eventstore.store import handle
from services.queue.domain.line import LINE
from services.queue.domain.line_commands import ReleaseAssignment, SuppressVoter
from services.queue.entries import line_stream
from services.queue.live import LiveAssignments
from tests.queue.house import CAMPAIGN, House, caller

pytestmark = pytest.mark.real

ANSWER_SECONDS_MAX = 5.0


async def heard(messages: AsyncIterator[bytes]) -> tuple[str, dict[str, Any]]:
    """The next event, comments left out."""
    async with asyncio.timeout(ANSWER_SECONDS_MAX):
        async for message in messages:
            fields = dict(line.split(": ", 1) for line in message.decode().splitlines() if line)
            if "event" in fields:
                return fields["event"], orjson.loads(fields["data"])
    raise AssertionError("the stream ended")


class Screen:
    """One caller's open screen."""

    def __init__(self, house: House, assigned) -> None:
        self.house, self.assigned = house, assigned
        self.live = LiveAssignments(house.log)
        house.for_ever(self.live.keep_looking())
        self.stream = line_stream(CAMPAIGN, assigned.line_id)
        self.messages = self.live.messages(self.stream, assigned.assignment_id)

    async def tell(self, command) -> None:
        await handle(self.house.log, LINE, self.stream, command, self.house.request())
        self.live.notice()


async def open_screen(house: House) -> Screen:
    await house.import_voters({"one": ["ann", "bob"]})
    await house.open_bank()
    shown = await house.handout().next("bank", caller(), house.request(), None)
    screen = Screen(house, shown.assigned)
    name, body = await heard(screen.messages)
    assert name == "lease"
    assert body["lease_expires_at"].startswith("2026-10-06T14:10:00")
    return screen


async def test_a_longer_lease_is_told(house: House) -> None:
    screen = await open_screen(house)
    house.clock.forward(minutes=8)
    await house.handout().extend(screen.stream, screen.assigned, "casper")
    screen.live.notice()
    name, body = await heard(screen.messages)
    assert name == "lease"
    assert body["lease_expires_at"].startswith("2026-10-06T14:18:00")


async def test_who_has_voted_is_named_and_the_others_are_not(house: House) -> None:
    screen = await open_screen(house)
    await screen.tell(SuppressVoter(CAMPAIGN, "one", "bob", "voted", house.clock()))
    assert await heard(screen.messages) == ("withdrawn", {"reason": "voted", "voter_ids": ["bob"]})


async def test_another_processs_decision_is_seen_by_looking(house: House) -> None:
    screen = await open_screen(house)
    command = SuppressVoter(CAMPAIGN, "one", "ann", "deceased", house.clock())
    await handle(house.log, LINE, screen.stream, command, house.request())
    name, body = await heard(screen.messages)
    assert (name, body["reason"]) == ("withdrawn", "deceased")


async def test_giving_back_and_finishing_close_it(house: House) -> None:
    screen = await open_screen(house)
    release = ReleaseAssignment(screen.assigned.assignment_id, "casper", "left", house.clock())
    await screen.tell(release)
    assert await heard(screen.messages) == ("closed", {"how": "released"})
    again = await house.handout().next("bank", caller(), house.request(), None)
    other = Screen(house, again.assigned)
    assert (await heard(other.messages))[0] == "lease"
    await house.call_ended(again.assigned, Disposition.NOT_HOME)
    other.live.notice()
    assert await heard(other.messages) == ("closed", {"how": "ended"})


async def test_nothing_is_read_once_nobody_watches(house: House) -> None:
    screen = await open_screen(house)
    assert screen.live._watched
    await screen.messages.aclose()  # type: ignore[attr-defined]  # it is a generator.
    assert not screen.live._watched
