"""Founding things: the first organizer with everything around, then campaigns and organizations."""

import hashlib
import hmac
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from libs.decider import Decider
from libs.eventstore.store import ClaimTaken, IdempotencyKeyReused, Meta, Request, handle
from services.identity.addresses import normalised
from services.identity.domain.caller import (
    CALLER,
    AppointFirstOrganizer,
    GrantRole,
    WithdrawRole,
)
from services.identity.domain.campaign import CAMPAIGN, AdmitOrganization, CreateCampaign
from services.identity.domain.errors import (
    AlreadySetUp,
    EmailInvalid,
    NameTaken,
    NoSuchCampaign,
    NoSuchOrganization,
    PasswordRefused,
    SetupTokenWrong,
)
from services.identity.domain.organization import (
    ORGANIZATION,
    DescribeOrganization,
    FoundOrganization,
)
from services.identity.parts import Records
from services.identity.passwords import Passwords, check_choice
from services.identity.people import Person

SETUP_CLAIM = "setup"

State = TypeVar("State")
Command = TypeVar("Command")


@dataclass(frozen=True, slots=True)
class FirstThings:
    """The ids that setting up leads to."""

    caller_id: str
    organization_id: str
    campaign_id: str


class Founding:
    """Creates campaigns and organizations; whoever creates one is put in charge of it."""

    def __init__(self, records: Records, passwords: Passwords, setup_token: str | None) -> None:
        self._records = records
        self._log = records.log
        self._passwords = passwords
        self._setup_token = setup_token
        self._is_set_up = False  # Never undone, so that the front page asks the log no more.

    def check_setup_token(self, given: str) -> None:
        """Raise SetupTokenWrong, also when setting up is not possible here (any more)."""
        known = self._setup_token
        if known is None or not hmac.compare_digest(known.encode(), given.encode()):
            raise SetupTokenWrong

    @property
    def can_be_set_up(self) -> bool:
        """Whether this installation knows a set-up token at all."""
        return self._setup_token is not None

    async def is_set_up(self) -> bool:
        """Whether the first organizer is there: asked of the log, until it once says so."""
        if not self._is_set_up:
            self._is_set_up = await self._log.claimed(SETUP_CLAIM) is not None
        return self._is_set_up

    def first_things(self, fingerprint: str) -> FirstThings:
        """The ids, made of the set-up token: a repeat after a crash completes the same things.

        Of two who set up at once with different bodies, each is a caller of their own.
        """
        return FirstThings(
            caller_id=self._first(f"caller\0{fingerprint}"),
            organization_id=self._first("organization"),
            campaign_id=self._first("campaign"),
        )

    async def set_up(
        self,
        organizer: Person,
        password: str,
        organization: FoundOrganization,
        campaign: CreateCampaign,
        meta: Meta,
    ) -> FirstThings:
        """Campaign, organization and organizer; the organizer's commit, last, holds the claim.

        Asked again with the same body it answers alike; with another one it raises AlreadySetUp.
        """
        first = self.first_things(meta.fingerprint)
        held = await self._log.claimed(SETUP_CLAIM)
        if held is not None:
            if held.id != self._first("appointment") or held.meta.fingerprint != meta.fingerprint:
                raise AlreadySetUp
            return first
        person = await self._organizer(organizer, password)
        await self._records.people.write(first.caller_id, person)
        # Only the last commit is compared with its repeat: until it stands, nothing is set up.
        unnamed = replace(meta, fingerprint="", actor=first.caller_id)
        await self.create_campaign(campaign, Request(self._first("creation"), unnamed))
        await self.found_organization(organization, Request(self._first("founding"), unnamed))
        await self.admit(
            first.campaign_id, first.organization_id, Request(self._first("admission"), unnamed)
        )
        holder = await self._records.addresses.holder(person.email)
        claim = self._records.addresses.claim_for(person.email, holder)
        command = AppointFirstOrganizer(first.caller_id, first.campaign_id, first.organization_id)
        named = replace(meta, actor=first.caller_id, campaign_id=first.campaign_id)
        request = Request(self._first("appointment"), named, (SETUP_CLAIM, claim))
        try:
            await handle(self._log, CALLER, f"caller-{first.caller_id}", command, request)
        except (IdempotencyKeyReused, ClaimTaken) as refused:
            await self._records.people.erase(first.caller_id)
            if await self._log.claimed(SETUP_CLAIM):
                raise AlreadySetUp from refused
            sentence = "This address has an account already; set up with another one."
            raise EmailInvalid(sentence, "organizer.email") from refused
        return first

    async def create_campaign(self, command: CreateCampaign, request: Request) -> str:
        """Create a campaign; answers its id. Raises NameTaken."""
        stream = f"campaign-{command.campaign_id}"
        await self._claim_name(CAMPAIGN, stream, command, request, f"campaign/{command.slug}")
        return command.campaign_id

    async def found_organization(self, command: FoundOrganization, request: Request) -> str:
        """Found an organization; answers its id. Raises NameTaken."""
        stream = f"organization-{command.organization_id}"
        await self._claim_name(
            ORGANIZATION, stream, command, request, f"organization/{command.slug}"
        )
        return command.organization_id

    async def describe(self, command: DescribeOrganization, request: Request) -> None:
        """Put an organization's words and help contact anew. Raises NoSuchOrganization."""
        await handle(
            self._log, ORGANIZATION, f"organization-{command.organization_id}", command, request
        )

    async def admit(self, campaign_id: str, organization_id: str, request: Request) -> None:
        """Let an organization's callers work for a campaign.

        Raises NoSuchCampaign and NoSuchOrganization.
        """
        await self.check_organization(organization_id)
        command = AdmitOrganization(campaign_id, organization_id)
        await handle(self._log, CAMPAIGN, f"campaign-{campaign_id}", command, request)

    async def grant(self, command: GrantRole, request: Request) -> None:
        """Give a role, for a campaign or an organization that exists."""
        if command.campaign_id is not None:
            await self.check_campaign(command.campaign_id)
        if command.organization_id is not None:
            await self.check_organization(command.organization_id)
        await handle(self._log, CALLER, f"caller-{command.caller_id}", command, request)

    async def withdraw(self, command: WithdrawRole, request: Request) -> bool:
        """Take a role away; whether they had it. Raises NoSuchCaller, and OwnRole."""
        stream = f"caller-{command.caller_id}"
        return (await handle(self._log, CALLER, stream, command, request)).commit is not None

    async def check_campaign(self, campaign_id: str) -> None:
        """Raise NoSuchCampaign unless it is there."""
        history = await self._log.read(f"campaign-{campaign_id}")
        if CAMPAIGN.fold(history.facts).created is None:
            raise NoSuchCampaign

    async def check_organization(self, organization_id: str) -> None:
        """Raise NoSuchOrganization unless it is there."""
        history = await self._log.read(f"organization-{organization_id}")
        if ORGANIZATION.fold(history.facts).founded is None:
            raise NoSuchOrganization

    async def _organizer(self, organizer: Person, password: str) -> Person:
        try:
            address = normalised(organizer.email)
            check_choice(password, address)
        except PasswordRefused as refused:
            raise PasswordRefused(str(refused), "organizer.password") from refused
        except EmailInvalid as refused:
            raise EmailInvalid(str(refused), "organizer.email") from refused
        password_hash = await self._passwords.hash(password)
        return msgspec.structs.replace(organizer, email=address, password_hash=password_hash)

    async def _claim_name(
        self,
        decider: Decider[State, Command, object],
        stream: str,
        command: Command,
        request: Request,
        claim: str,
    ) -> None:
        claiming = Request(request.commit_id, request.meta, (claim,))
        try:
            await handle(self._log, decider, stream, command, claiming)
        except ClaimTaken as taken:
            raise NameTaken from taken

    def _first(self, what: str) -> str:
        named = f"setup\0{self._setup_token}\0{what}".encode()
        return hashlib.blake2b(named, digest_size=16).hexdigest()
