"""Every way the rules of voters say no."""

from libs.decider import Conflict, Invalid, Missing


class NoSuchImport(Missing):
    """There is no import of this id in your campaigns; check the id for a slip."""


class NoSuchUniverse(Missing):
    """There is no universe of this id in your campaigns; check the id for a slip."""


class NoSuchVoter(Missing):
    """There is no voter of this id in this campaign."""


class PersonErased(Conflict):
    """This person was erased from the campaign's file for good; no file brings the person back."""


class ImportEnded(Conflict):
    """This import has ended already; nothing about it can be changed any more."""


class ImportNotHeld(Conflict):
    """This import does not wait for anybody; look at it again to see where it stands."""


class NotLookedThrough(Conflict):
    """This file was not looked through before its import; upload it with preview=true for that."""


class UniverseTaken(Conflict):
    """This universe is defined already; define another one under a new Idempotency-Key."""


class UniverseEmpty(Invalid):
    """No voter meets these conditions; the funnel shows which condition removed how many."""


class UploadInvalid(Invalid):
    """Send multipart/form-data with the fields campaign_id, profile ("auto" is good) and file."""
