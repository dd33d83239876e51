"""What an organizer does with a phone bank: who may, and what this process then knows of it."""

from starlette.requests import Request

from libs.chassis.requests import command_of, require
from libs.chassis.tokens import Principal
from libs.eventstore.store import Log, handle
from services.queue.bank_book import KnownBank, bank_stream
from services.queue.domain.errors import NoSuchPhoneBank
from services.queue.domain.phone_bank import BANK, BankCommand, PhoneBank
from services.queue.handout import Handout

RUN = "run_phone_bank"


async def bank_to_run(request: Request, bank_id: str, caller: Principal) -> PhoneBank:
    """The bank as the log has it now. Raises NoSuchPhoneBank and NotAllowed."""
    log: Log = request.app.state.log
    history = await log.read(bank_stream(bank_id))
    if not history.version:
        raise NoSuchPhoneBank
    bank = BANK.fold(history.facts)  # type: ignore[arg-type]  # its own stream.
    require(caller, RUN, bank.creation.campaign_id)
    return bank


async def run_bank(
    request: Request, bank_id: str, caller: Principal, route: str, command: BankCommand
) -> KnownBank:
    """Do it once under the request's Idempotency-Key, and note what the bank is like now."""
    bank = await bank_to_run(request, bank_id, caller)
    campaign_id = bank.creation.campaign_id
    raw = await request.body()
    asked = command_of(request, caller.caller_id, campaign_id, f"{route} {bank_id}", raw)
    log: Log = request.app.state.log
    await handle(log, BANK, bank_stream(bank_id), command, asked)
    history = await log.read(bank_stream(bank_id))
    handout: Handout = request.app.state.handout
    return handout.banks.note(
        bank_id,
        BANK.fold(history.facts),  # type: ignore[arg-type]  # its own stream.
    )
