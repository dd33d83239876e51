"""A caller's own number as lines of the campaigns: so that its voters go to somebody else."""

from collections.abc import Sequence
from typing import Protocol
from uuid import uuid4

import msgspec

from libs.chassis.clock import Now
from libs.chassis.problems import Unavailable
from libs.database import Database
from libs.eventstore.store import Log, Meta, Request, handle
from services.identity.domain.caller import CALLER, Caller, KnowLines
from services.identity.people import People, Person
from services.identity.views.campaigns import some_campaign_ids
from services.identity.views.organizations import campaign_ids_of

# So many campaigns, and all are asked about: a phone bank may name an organization's callers
# before the campaign has admitted them, or before our list of it has heard.
ALL_CAMPAIGNS_MAX = 50


class NumberVault(Protocol):
    """What identity asks of the vault of voters."""

    async def lines(
        self, campaign_ids: Sequence[str], numbers: Sequence[str]
    ) -> dict[str, tuple[str, ...]]:
        """The line ids by campaign that numbers would have. Raises Unavailable."""


class OwnLines:
    """Asks the vault once a number and campaign; the sealed record remembers the answer.

    The caller's stream says only that it is known: whoever is erased is linked to no line.
    """

    def __init__(
        self, log: Log, database: Database, people: People, vault: NumberVault, now: Now
    ) -> None:
        self._log = log
        self._database = database
        self._people = people
        self._vault = vault
        self._now = now

    async def of(
        self, caller_id: str, caller: Caller, organization_id: str | None
    ) -> tuple[str, ...]:
        """The ids of the lines that are the caller's number, in every campaign they may call for.

        Without a number there are none. Raises Unavailable while the vault cannot be asked: rather
        nobody to call for a moment than somebody at home.
        """
        person = await self._people.read(caller_id)
        if person is None or person.phone is None:
            return ()
        granted = {role.campaign_id for role in caller.roles if role.campaign_id}
        campaigns = granted | await self._campaigns(organization_id)
        missing = sorted(campaigns - set(person.own_lines))
        if missing:
            told = await self._ask(missing, person.phone)
            kept = await self._keep(caller_id, person.number_id, told)
            if kept is None or kept.number_id != person.number_id:
                # Erased, or another number meanwhile.
                return await self.of(caller_id, caller, organization_id)
            person = kept
        await self._tell(caller_id, caller, person)
        return tuple(sorted({line for lines in person.own_lines.values() for line in lines}))

    async def _keep(
        self, caller_id: str, number_id: str, told: dict[str, tuple[str, ...]]
    ) -> Person | None:
        def with_lines(person: Person) -> Person:
            if person.number_id != number_id:
                return person
            return msgspec.structs.replace(person, own_lines=person.own_lines | told)

        return await self._people.change(caller_id, with_lines)

    async def _tell(self, caller_id: str, caller: Caller, person: Person) -> None:
        """The fact, after the record; where a crash came in between, now."""
        untold = sorted(set(person.own_lines) - caller.campaigns_known(person.number_id))
        if untold:
            command = KnowLines(caller_id, person.number_id, tuple(untold))
            request = Request(uuid4().hex, Meta(at=self._now(), actor=caller_id))
            await handle(self._log, CALLER, f"caller-{caller_id}", command, request)

    async def _campaigns(self, organization_id: str | None) -> set[str]:
        every = await some_campaign_ids(self._database, ALL_CAMPAIGNS_MAX + 1)
        theirs = await campaign_ids_of(self._database, organization_id) if organization_id else []
        return {*theirs, *(every if len(every) <= ALL_CAMPAIGNS_MAX else ())}

    async def _ask(self, campaign_ids: Sequence[str], number: str) -> dict[str, tuple[str, ...]]:
        try:
            return await self._vault.lines(campaign_ids, [number])
        except Unavailable as error:
            raise Unavailable(
                "We cannot check right now which voters share your own phone number, so nobody is "
                "handed to you; please try again in a moment."
            ) from error
