"""Which campaigns are shut to a session, by the door it was opened through."""

from collections.abc import Iterable

from libs.database import Database
from libs.events.identity import Door, RoleGranted
from libs.eventstore.store import Log
from services.identity.domain.campaign import CAMPAIGN
from services.identity.own_lines import ALL_CAMPAIGNS_MAX
from services.identity.views.campaigns import closed_to, some_campaign_ids
from services.identity.views.organizations import campaign_ids_of


class Doors:
    """A password opens every campaign; a mailbox alone those that accept the mailed code."""

    def __init__(self, log: Log, database: Database) -> None:
        self._log = log
        self._database = database

    async def shut(
        self, door: Door, roles: Iterable[RoleGranted], organization_id: str | None
    ) -> frozenset[str]:
        """The campaigns, of the roles and of the organization's, that do not accept this door.

        Of a role's campaign the log itself is asked: a role that was just given must not be missed.
        """
        if door == "action_id":
            return frozenset()
        granted = {role.campaign_id for role in roles if role.campaign_id}
        shut = {each for each in granted if not await self._accepts(each, door)}
        return frozenset(shut | await self._shut_of(organization_id, door))

    async def _accepts(self, campaign_id: str, door: Door) -> bool:
        history = await self._log.read(f"campaign-{campaign_id}")
        created = CAMPAIGN.fold(history.facts).created
        return created is not None and door in created.doors

    async def _shut_of(self, organization_id: str | None, door: Door) -> set[str]:
        """Others than the organization's, too: a phone bank may name it before it is admitted."""
        if organization_id is None:
            return set()
        every = await some_campaign_ids(self._database, ALL_CAMPAIGNS_MAX + 1)
        theirs = await campaign_ids_of(self._database, organization_id)
        asked = {*theirs, *(every if len(every) <= ALL_CAMPAIGNS_MAX else ())}
        return await closed_to(self._database, sorted(asked), door)
