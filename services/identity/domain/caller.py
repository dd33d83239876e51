"""One caller: registers, confirms, is given roles, logs out, may be erased. Ids only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from libs.decider import Decider
from libs.events.base import Event
from libs.events.identity import (
    CallerConfirmed,
    CallerErased,
    CallerRegistered,
    Door,
    Role,
    RoleGranted,
    SessionsRevoked,
)
from services.identity.domain import errors

# A coordinator serves an organization and never sees voters; every other role is a campaign's.
ORGANIZATION_ROLES: frozenset[Role] = frozenset({"coordinator"})


@dataclass(frozen=True, slots=True)
class RegisterCaller:
    """Create an account through one of the doors."""

    caller_id: str
    door: Door


@dataclass(frozen=True, slots=True)
class ConfirmCaller:
    """The caller followed the mailed link."""

    caller_id: str


@dataclass(frozen=True, slots=True)
class AppointFirstOrganizer:
    """Whoever set this installation up: registered, confirmed and in charge, in one decision."""

    caller_id: str
    campaign_id: str
    organization_id: str


@dataclass(frozen=True, slots=True)
class GrantRole:
    """Let the caller do more, for one campaign or one organization."""

    caller_id: str
    role: Role
    campaign_id: str | None = None
    organization_id: str | None = None


@dataclass(frozen=True, slots=True)
class RevokeSessions:
    """End one session, or with None all that were opened until `at`."""

    caller_id: str
    session_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class EraseCaller:
    """The account is gone for good; its sessions with it."""

    caller_id: str
    at: datetime


Later = ConfirmCaller | GrantRole | RevokeSessions | EraseCaller
Command = RegisterCaller | AppointFirstOrganizer | Later


@dataclass(frozen=True, slots=True)
class Caller:
    """What the facts made of somebody."""

    registered: bool = False
    confirmed: bool = False
    erased: bool = False
    roles: tuple[RoleGranted, ...] = ()


def evolve(caller: Caller, fact: object) -> Caller:
    """The caller after `fact`."""
    match fact:
        case CallerRegistered():
            return replace(caller, registered=True)
        case CallerConfirmed():
            return replace(caller, confirmed=True)
        case RoleGranted():
            return replace(caller, roles=(*caller.roles, fact))
        case CallerErased():
            return Caller(registered=True, erased=True)
    return caller


def decide(caller: Caller, command: Command) -> Sequence[Event]:
    """What becomes of a command; saying anything twice changes nothing."""
    match command:
        case RegisterCaller() | AppointFirstOrganizer():
            return [] if caller.registered else _begin(command)
        case _:
            return _go_on(caller, command)


def _begin(command: RegisterCaller | AppointFirstOrganizer) -> Sequence[Event]:
    match command:
        case RegisterCaller(caller_id=caller_id, door=door):
            return [CallerRegistered(caller_id=caller_id, door=door)]
        case AppointFirstOrganizer():
            return _appoint(command)


def _go_on(caller: Caller, command: Later) -> Sequence[Event]:
    if not caller.registered:
        raise errors.NoSuchCaller
    if caller.erased:
        raise errors.CallerErased
    match command:
        case ConfirmCaller(caller_id=caller_id):
            return [] if caller.confirmed else [CallerConfirmed(caller_id=caller_id)]
        case GrantRole():
            return _grant(caller, command)
        case RevokeSessions(caller_id=caller_id, session_id=session_id, at=at):
            return [SessionsRevoked(caller_id=caller_id, session_id=session_id, revoked_at=at)]
        case EraseCaller(caller_id=caller_id, at=at):
            return [
                CallerErased(caller_id=caller_id),
                SessionsRevoked(caller_id=caller_id, session_id=None, revoked_at=at),
            ]


def _appoint(command: AppointFirstOrganizer) -> Sequence[Event]:
    caller_id = command.caller_id
    return [
        CallerRegistered(caller_id=caller_id, door="action_id"),
        CallerConfirmed(caller_id=caller_id),
        RoleGranted(caller_id=caller_id, role="campaign_admin", campaign_id=command.campaign_id),
        RoleGranted(
            caller_id=caller_id, role="coordinator", organization_id=command.organization_id
        ),
    ]


def _grant(caller: Caller, command: GrantRole) -> Sequence[Event]:
    if (command.campaign_id is None) == (command.organization_id is None):
        raise errors.FieldInvalid("campaign_id", "Name one campaign or one organization.")
    if (command.role in ORGANIZATION_ROLES) != (command.organization_id is not None):
        sentence = "A coordinator is an organization's, every other role a campaign's."
        raise errors.FieldInvalid("role", sentence)
    if not caller.confirmed:
        raise errors.CallerNotConfirmed
    granted = RoleGranted(
        caller_id=command.caller_id,
        role=command.role,
        campaign_id=command.campaign_id,
        organization_id=command.organization_id,
    )
    return [] if granted in caller.roles else [granted]


CALLER: Decider[Caller, Command, object] = Decider(Caller, evolve, decide)
