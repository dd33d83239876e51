"""Every way identity's rules say no."""

from libs.decider import Conflict, Forbidden, Invalid, Missing


class NoSuchCaller(Missing):
    """There is no caller like this; ask them to create an account and confirm it first."""


class NoSuchOrganization(Missing):
    """There is no volunteer organization of this name here; check the suggestions."""


class NoSuchInvitation(Missing):
    """This invitation is not known here; ask for the link again, or start from the first page."""


class NoSuchCampaign(Missing):
    """There is no campaign of this id here."""


class NotConfirmed(Forbidden):
    """Please confirm your e-mail address first: follow the link that we mailed to you."""


class DoorClosed(Forbidden):
    """The campaigns of this organization do not take volunteers by this door; use another one."""


class CallerNotConfirmed(Conflict):
    """This caller has not confirmed their e-mail address yet; roles are given afterwards."""


class OwnRole(Conflict):
    """Nobody takes a role from themselves: ask another organizer to take it from you."""


class CallerErased(Conflict):
    """This account was erased; a new one can be created with the same address."""


class AlreadySetUp(Conflict):
    """This installation is set up; log in as its organizer to create more."""


class SetupTokenWrong(Forbidden):
    """This is not the set-up token of this installation; paste all of it."""


class NameTaken(Conflict):
    """This name has been taken by another; choose a different name or slug."""


class FieldInvalid(Invalid):
    """Something in the request does not fit."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, errors=[{"field": field, "message": message}])


class PasswordRefused(FieldInvalid):
    """Please choose another password."""

    def __init__(self, message: str, field: str = "password") -> None:
        super().__init__(field, message)


class EmailInvalid(FieldInvalid):
    """This does not look like an e-mail address."""

    def __init__(self, message: str, field: str = "email") -> None:
        super().__init__(field, message)


class LinkInvalid(Invalid):
    """This link is too old or was not made here; ask for a new one."""
