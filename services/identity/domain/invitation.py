"""One share link: made once by a caller, accepted by everybody who came through it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from libs.decider import Decider
from libs.events.base import Event
from libs.events.identity import InvitationAccepted, InvitationMade
from services.identity.domain.errors import NoSuchInvitation


@dataclass(frozen=True, slots=True)
class MakeInvitation:
    """A caller asks others along, to an organization and, if named, to one of its phone banks."""

    invitation_id: str
    caller_id: str
    organization_id: str
    bank_id: str | None


@dataclass(frozen=True, slots=True)
class AcceptInvitation:
    """A new caller who came through the link has confirmed their address."""

    invitation_id: str
    caller_id: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """What its facts made of it; `made` is None before the first."""

    made: InvitationMade | None = None
    accepted: frozenset[str] = frozenset()


def evolve(invitation: Invitation, fact: object) -> Invitation:
    """The invitation after `fact`."""
    match fact:
        case InvitationMade():
            return replace(invitation, made=fact)
        case InvitationAccepted(caller_id=caller_id):
            return replace(invitation, accepted=invitation.accepted | {caller_id})
    return invitation


def decide(invitation: Invitation, command: MakeInvitation | AcceptInvitation) -> Sequence[Event]:
    """Made once; accepted once by each, and by nobody who made it themselves."""
    made = invitation.made
    match command:
        case MakeInvitation() if made is None:
            return [
                InvitationMade(
                    invitation_id=command.invitation_id,
                    caller_id=command.caller_id,
                    organization_id=command.organization_id,
                    bank_id=command.bank_id,
                )
            ]
        case MakeInvitation():
            return []
        case AcceptInvitation(caller_id=caller_id):
            if made is None:
                raise NoSuchInvitation
            if caller_id == made.caller_id or caller_id in invitation.accepted:
                return []
            return [
                InvitationAccepted(
                    invitation_id=command.invitation_id,
                    caller_id=caller_id,
                    invited_by=made.caller_id,
                    organization_id=made.organization_id,
                    bank_id=made.bank_id,
                )
            ]


INVITATION: Decider[Invitation, MakeInvitation | AcceptInvitation, object] = Decider(
    Invitation, evolve, decide
)
