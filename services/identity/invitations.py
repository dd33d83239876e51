"""Invitations: a link to share, the way it leads, and who is credited with a new caller."""

import contextlib
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from libs.events.identity import InvitationMade, OrganizationFounded
from libs.eventstore.store import ClaimTaken, Log, Request, handle
from services.identity.domain.errors import NoSuchInvitation
from services.identity.domain.invitation import INVITATION, AcceptInvitation, MakeInvitation
from services.identity.domain.organization import ORGANIZATION
from services.identity.sealing import Sealer

ID_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Invited:
    """Where an invitation leads, on this site: the phone bank, else the Calls Page."""

    made: InvitationMade
    organization: OrganizationFounded
    next_path: str


class Invitations:
    """The same caller, organization and phone bank have the same link, however often it is made."""

    def __init__(self, log: Log, sealer: Sealer) -> None:
        self._log = log
        self._sealer = sealer

    async def make(
        self, caller_id: str, organization_id: str, bank_id: str | None, request: Request
    ) -> str:
        """The invitation's id. It says nothing of who made it."""
        named = f"{caller_id}\0{organization_id}\0{bank_id or ''}"
        invitation_id = self._sealer.keyed_hash("invitation", named)[:ID_LENGTH]
        command = MakeInvitation(invitation_id, caller_id, organization_id, bank_id)
        await handle(self._log, INVITATION, _stream(invitation_id), command, request)
        return invitation_id

    async def find(self, invitation_id: str) -> Invited:
        """Raises NoSuchInvitation."""
        made = INVITATION.fold((await self._log.read(_stream(invitation_id))).facts).made
        if made is None:
            raise NoSuchInvitation
        history = await self._log.read(f"organization-{made.organization_id}")
        founded = ORGANIZATION.fold(history.facts).founded
        if founded is None:
            raise NoSuchInvitation
        return Invited(made, founded, _path(made, founded))

    async def known(self, invitation_id: str | None) -> str | None:
        """The id, if there is such an invitation: a slip in a link stops no sign-up."""
        if not invitation_id or len(invitation_id) > ID_LENGTH:
            return None
        with contextlib.suppress(NoSuchInvitation):
            return (await self.find(invitation_id)).made.invitation_id
        return None

    async def accept(self, invitation_id: str, caller_id: str, request: Request) -> None:
        """Credit whoever invited this new caller: the first invitation counts, and no other."""
        claiming = Request(request.commit_id, request.meta, (f"invited/{caller_id}",))
        command = AcceptInvitation(invitation_id, caller_id)
        with contextlib.suppress(ClaimTaken, NoSuchInvitation):
            await handle(self._log, INVITATION, _stream(invitation_id), command, claiming)


def _stream(invitation_id: str) -> str:
    return f"invitation-{invitation_id}"


def _path(made: InvitationMade, founded: OrganizationFounded) -> str:
    came = {"organization": founded.slug, "invitation": made.invitation_id}
    place = f"/call/{quote(made.bank_id, safe='')}" if made.bank_id else f"/calls/{founded.slug}"
    return f"{place}?{urlencode(came)}"
