"""Confirming an address, whichever way its mailbox was proven; and what comes with it."""

from libs.eventstore.store import Log, Request, handle
from services.identity.commit_ids import derived_id
from services.identity.domain.caller import CALLER, ConfirmCaller
from services.identity.invitations import Invitations
from services.identity.people import Person


class Confirming:
    """The fact that lets a caller in, the languages they chose, and their friend's credit."""

    def __init__(self, log: Log, invitations: Invitations) -> None:
        self._log = log
        self._invitations = invitations

    async def confirm(self, caller_id: str, person: Person | None, request: Request) -> None:
        """Again changes nothing, and completes what a crash cut short."""
        command = ConfirmCaller(caller_id, person.languages if person else ())
        await handle(self._log, CALLER, f"caller-{caller_id}", command, request)
        if person is not None and person.invitation_id is not None:
            accepting = Request(derived_id(request.commit_id, "invitation"), request.meta)
            await self._invitations.accept(person.invitation_id, caller_id, accepting)
