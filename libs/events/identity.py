"""The facts of identity: who may call, organize and see what."""

from typing import Literal

from pydantic import AwareDatetime

from libs.events.base import Event

TOPIC = "identity.events"

Door = Literal["action_id", "bluevote", "invitation"]
Role = Literal[
    "caller",
    "lead",
    "coordinator",
    "organizer",
    "data_manager",
    "campaign_admin",
    "auditor",
    "api_client",
]


class OrganizationFounded(
    Event, type="identity.organization-founded", version=1, key="organization_id"
):
    """A volunteer organization opened its Calls Page; words and contact are its own."""

    organization_id: str
    slug: str
    name: str
    help_contact: str
    words: str = ""


class OrganizationDescribed(
    Event, type="identity.organization-described", version=1, key="organization_id"
):
    """An organization put its words and its help contact anew, in place of those before."""

    organization_id: str
    help_contact: str
    words: str = ""


class CampaignCreated(Event, type="identity.campaign-created", version=1, key="campaign_id"):
    """A campaign (the tenant: a candidate's campaign, a state party) began to work here."""

    campaign_id: str
    slug: str
    name: str
    doors: tuple[Door, ...] = ("action_id",)
    supporter_levels: tuple[int, ...] = (1, 2)


class OrganizationAdmitted(
    Event, type="identity.organization-admitted", version=1, key="campaign_id"
):
    """A campaign let an organization's callers work for it."""

    campaign_id: str
    organization_id: str


class CallerRegistered(Event, type="identity.caller-registered", version=1, key="caller_id"):
    """Somebody created an account; the address is not confirmed yet."""

    caller_id: str
    door: Door


class CallerConfirmed(Event, type="identity.caller-confirmed", version=1, key="caller_id"):
    """The caller followed the mailed link and may log in."""

    caller_id: str


class RoleGranted(Event, type="identity.role-granted", version=1, key="caller_id"):
    """Somebody may do more than call, for one campaign or one organization."""

    caller_id: str
    role: Role
    campaign_id: str | None = None
    organization_id: str | None = None


class RoleWithdrawn(Event, type="identity.role-withdrawn", version=1, key="caller_id"):
    """Somebody may no longer do what this role allowed; all their sessions ended with it."""

    caller_id: str
    role: Role
    campaign_id: str | None = None
    organization_id: str | None = None


class CallerNumberChanged(Event, type="identity.caller-number-changed", version=1, key="caller_id"):
    """The caller gave another number, or took it back; `number_id` is chance, and names it.

    Lines known for an earlier number are the caller's no more.
    """

    caller_id: str
    number_id: str


class CallerLinesKnown(Event, type="identity.caller-lines-known", version=1, key="caller_id"):
    """It is known which lines of this campaign are the caller's own: their voters go to others.

    `number_id` names the number, empty for the one given at sign-up. Which lines they are stands in
    the caller's sealed record alone, and goes with it.
    """

    caller_id: str
    campaign_id: str
    number_id: str


class CallerLanguagesDeclared(
    Event, type="identity.caller-languages-declared", version=1, key="caller_id"
):
    """All languages the caller can call in besides English, as ISO 639-1 codes in lower case."""

    caller_id: str
    languages: tuple[str, ...]


class SessionsRevoked(Event, type="identity.sessions-revoked", version=1, key="caller_id"):
    """One session (`session_id`) or all sessions opened before `revoked_at` ended at once."""

    caller_id: str
    session_id: str | None
    revoked_at: AwareDatetime


class InvitationMade(Event, type="identity.invitation-made", version=1, key="invitation_id"):
    """A caller made a link to share: to an organization, and to a phone bank if one is named."""

    invitation_id: str
    caller_id: str
    organization_id: str
    bank_id: str | None = None


class InvitationAccepted(
    Event, type="identity.invitation-accepted", version=1, key="invitation_id"
):
    """A new caller came through the link, and confirmed their address: `invited_by` has the credit.

    A caller accepts one invitation at most.
    """

    invitation_id: str
    caller_id: str
    invited_by: str
    organization_id: str
    bank_id: str | None = None


class CallerErased(Event, type="identity.caller-erased", version=1, key="caller_id"):
    """The caller's own data was destroyed; what they recorded stays, under an id that is nobody."""

    caller_id: str
