"""One caller: registers, confirms, is given roles, logs out, may be erased. Ids only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from libs.decider import Decider
from libs.events.base import Event
from libs.events.identity import (
    CallerConfirmed,
    CallerErased,
    CallerLanguagesDeclared,
    CallerLinesKnown,
    CallerNumberChanged,
    CallerRegistered,
    Door,
    Role,
    RoleGranted,
    RoleWithdrawn,
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
    """The caller followed the mailed link; `languages` is what was typed with it."""

    caller_id: str
    languages: tuple[str, ...] = ()


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
class WithdrawRole:
    """Let the caller do no more what this role allowed, from `at` on; `by` is who asks for it."""

    caller_id: str
    role: Role
    by: str
    at: datetime
    campaign_id: str | None = None
    organization_id: str | None = None


@dataclass(frozen=True, slots=True)
class DeclareLanguages:
    """All languages the caller can call in besides English; a later declaration replaces it."""

    caller_id: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeNumber:
    """The caller's own number is another one now, or none; `number_id` names it."""

    caller_id: str
    number_id: str


@dataclass(frozen=True, slots=True)
class KnowLines:
    """The vault told which lines of these campaigns this number is; the record has them."""

    caller_id: str
    number_id: str
    campaign_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RevokeSessions:
    """End one session, or with None all that were opened until `at`."""

    caller_id: str
    session_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class EndSessions:
    """End these sessions, and no others."""

    caller_id: str
    session_ids: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class EraseCaller:
    """The account is gone for good; its sessions with it."""

    caller_id: str
    at: datetime


AboutThemselves = DeclareLanguages | ChangeNumber | KnowLines
AboutRoles = GrantRole | WithdrawRole
Later = ConfirmCaller | AboutRoles | RevokeSessions | EndSessions | EraseCaller | AboutThemselves
Command = RegisterCaller | AppointFirstOrganizer | Later


@dataclass(frozen=True, slots=True)
class Caller:
    """What the facts made of somebody."""

    registered: bool = False
    confirmed: bool = False
    erased: bool = False
    roles: tuple[RoleGranted, ...] = ()
    languages: tuple[str, ...] = ()
    number_id: str = ""
    numbers_known: Mapping[str, str] = field(default_factory=dict)

    def campaigns_known(self, number_id: str) -> frozenset[str]:
        """The campaigns whose lines are known for this very number."""
        return frozenset(
            campaign_id for campaign_id, known in self.numbers_known.items() if known == number_id
        )


def evolve(caller: Caller, fact: object) -> Caller:
    """The caller after `fact`."""
    match fact:
        case CallerRegistered():
            return replace(caller, registered=True)
        case CallerConfirmed():
            return replace(caller, confirmed=True)
        case RoleGranted():
            return replace(caller, roles=(*caller.roles, fact))
        case RoleWithdrawn():
            kept = (role for role in caller.roles if not _is_same(role, fact))
            return replace(caller, roles=tuple(kept))
        case CallerErased():
            return Caller(registered=True, erased=True)
    return _told(caller, fact)


def _told(caller: Caller, fact: object) -> Caller:
    match fact:
        case CallerLanguagesDeclared(languages=languages):
            return replace(caller, languages=languages)
        case CallerNumberChanged(number_id=number_id):
            return replace(caller, number_id=number_id)
        case CallerLinesKnown(campaign_id=campaign_id, number_id=number_id):
            return replace(caller, numbers_known={**caller.numbers_known, campaign_id: number_id})
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
        case ConfirmCaller():
            return [] if caller.confirmed else _confirm(command)
        case DeclareLanguages() | ChangeNumber() | KnowLines():
            return _tell(caller, command)
        case GrantRole() | WithdrawRole():
            return _regrade(caller, command)
        case RevokeSessions(caller_id=caller_id, session_id=session_id, at=at):
            return [SessionsRevoked(caller_id=caller_id, session_id=session_id, revoked_at=at)]
        case EndSessions(caller_id=caller_id, session_ids=session_ids, at=at):
            return [
                SessionsRevoked(caller_id=caller_id, session_id=each, revoked_at=at)
                for each in session_ids
            ]
        case EraseCaller(caller_id=caller_id, at=at):
            return [
                CallerErased(caller_id=caller_id),
                SessionsRevoked(caller_id=caller_id, session_id=None, revoked_at=at),
            ]


def _confirm(command: ConfirmCaller) -> Sequence[Event]:
    caller_id, languages = command.caller_id, command.languages
    confirmed: list[Event] = [CallerConfirmed(caller_id=caller_id)]
    if languages:
        confirmed.append(CallerLanguagesDeclared(caller_id=caller_id, languages=languages))
    return confirmed


def _tell(caller: Caller, command: AboutThemselves) -> Sequence[Event]:
    caller_id = command.caller_id
    match command:
        case DeclareLanguages(languages=languages):
            declared = CallerLanguagesDeclared(caller_id=caller_id, languages=languages)
            return [] if languages == caller.languages else [declared]
        case ChangeNumber(number_id=number_id):
            changed = CallerNumberChanged(caller_id=caller_id, number_id=number_id)
            return [] if number_id == caller.number_id else [changed]
        case KnowLines(number_id=number_id, campaign_ids=campaign_ids):
            known = caller.campaigns_known(number_id)
            return [
                CallerLinesKnown(caller_id=caller_id, campaign_id=campaign_id, number_id=number_id)
                for campaign_id in campaign_ids
                if campaign_id not in known
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


def _regrade(caller: Caller, command: AboutRoles) -> Sequence[Event]:
    match command:
        case GrantRole():
            return _grant(caller, command)
        case WithdrawRole():
            return _withdraw(caller, command)


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


def _withdraw(caller: Caller, command: WithdrawRole) -> Sequence[Event]:
    # Whoever takes a role away keeps their own, so that somebody always stays in charge.
    if command.by == command.caller_id:
        raise errors.OwnRole
    if not any(_is_same(role, command) for role in caller.roles):
        return []
    withdrawn = RoleWithdrawn(
        caller_id=command.caller_id,
        role=command.role,
        campaign_id=command.campaign_id,
        organization_id=command.organization_id,
    )
    # Tokens that say otherwise must not outlive it.
    ended = SessionsRevoked(caller_id=command.caller_id, session_id=None, revoked_at=command.at)
    return [withdrawn, ended]


def _is_same(role: RoleGranted, other: RoleWithdrawn | WithdrawRole) -> bool:
    return (role.role, role.campaign_id, role.organization_id) == (
        other.role,
        other.campaign_id,
        other.organization_id,
    )


CALLER: Decider[Caller, Command, object] = Decider(Caller, evolve, decide)
