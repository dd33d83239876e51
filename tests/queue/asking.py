"""Callers who ask one process for their next voter."""

from datetime import UTC, datetime

from libs.chassis.tickets import Receipt
from libs.eventstore.memory import MemoryLog
from libs.eventstore.store import History, handle
from services.queue.domain.errors import AllInProgress, BeingPrepared, NobodyToCall
from services.queue.domain.line import LINE
from services.queue.domain.line_commands import ReleaseAssignment
from services.queue.entries import line_stream
from services.queue.handout import Handout
from services.queue.showing import Shown
from tests.queue.house import CAMPAIGN, House, caller
from tests.support.backing import eventually


class CountingLog(MemoryLog):
    """A log that counts how often it is read."""

    reads = 0

    async def read(self, stream: str) -> History:
        self.reads += 1
        return await super().read(stream)


def receipt_of(shown: Shown, *, complete: bool = True) -> Receipt:
    assigned = shown.assigned
    return Receipt(
        caller_id=assigned.caller_id,
        campaign_id=assigned.campaign_id,
        bank_id=assigned.bank_id,
        assignment_id=assigned.assignment_id,
        line_id=assigned.line_id,
        call_id="call",
        slot=assigned.slot,
        complete=complete,
        expires_at=datetime(2027, 1, 1, tzinfo=UTC),
    )


async def ask(house: House, handout: Handout, name: str = "casper", **changes) -> Shown:
    request = changes.pop("request", None) or house.request()
    bank_id = changes.pop("bank_id", "bank")
    return await handout.next(bank_id, caller(name), request, changes.pop("receipt", None))


async def ask_until_served(house: House, handout: Handout, name: str = "casper") -> Shown:
    """A block that was found empty is not looked into again for a tenth of a second."""

    async def served() -> Shown | None:
        try:
            return await ask(house, handout, name)
        except (AllInProgress, BeingPrepared, NobodyToCall):
            return None

    shown = await eventually(served, saying="a voter is served")
    assert shown is not None
    return shown


async def skip(house: House, shown: Shown, reason="skipped") -> None:
    assigned = shown.assigned
    stream = line_stream(CAMPAIGN, assigned.line_id)
    release = ReleaseAssignment(assigned.assignment_id, assigned.caller_id, reason, house.clock())
    await handle(house.log, LINE, stream, release, house.request())
    await house.catch_up()
