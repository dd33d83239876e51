"""Every way the queue says no. A docstring is the sentence that the caller sees."""

from libs.decider import Conflict, Forbidden, Invalid, Missing


class NoSuchPhoneBank(Missing):
    """There is no such phone bank; choose one on your organization's Calls Page."""


class NoSuchOrganization(Missing):
    """There is no organization of this name; check the link for a slip."""


class NoSuchAssignment(Missing):
    """There is no such assignment; ask for the next voter."""


class NotYourAssignment(Forbidden):
    """This voter was handed to another caller; ask for your own next voter."""


class NotYourPhoneBank(Forbidden):
    """This phone bank is for callers of other organizations; choose one on your Calls Page."""


class AssignmentClosed(Conflict):
    """This voter is no longer on your screen's lease; ask for the next voter."""


class NotOpenYet(Conflict):
    """The organizers have not opened this phone bank; choose another one, or come back later."""


class Paused(Conflict):
    """The organizers paused this phone bank; choose another one, or come back later."""


class Closed(Conflict):
    """This phone bank has ended. Thank you! Please choose another one."""


class Finished(Conflict):
    """Everybody on this phone bank's list has been called. Thank you! Please choose another one."""


class BeingPrepared(Conflict):
    """This phone bank's voters are being made ready; the first comes up here in a moment."""


class OutsideHours(Conflict):
    """Nobody may be called at this hour; please choose another phone bank or come back later."""


class AllInProgress(Conflict):
    """All voters who can be called now are being called by others; try again in a few minutes."""


class NobodyToCall(Conflict):
    """Nobody is to be called right now; the voters not reached yet are called again later."""


class OtherLanguages(Conflict):
    """Everybody left to call speaks another language; say on your page which ones you speak."""


class AnotherIsOnIt(Conflict):
    """Another lead is on it already; you need not get in touch."""


class HandTakenBack(Conflict):
    """The caller took the hand down; no help is needed any more."""


class EachByItself(Conflict):
    """These results cannot be told together; tell each by itself."""


class ResultOnItsWay(Conflict):
    """How the call on this number ended is still on its way; try again in a second."""


class NoOtherNumber(Conflict):
    """There is no other number of this voter that may be called now; go on with the next voter."""


class LineNotCallable(Conflict):
    """This line cannot be called now. `again_at`, if known, is when it may be."""


class LineLetGo(LineNotCallable):
    """Nobody calls this line again in this campaign."""


class LineInUse(LineNotCallable):
    """Another caller holds this line."""


class LineRests(LineNotCallable):
    """This line was given back a moment ago; it rests before it goes out again."""


class NobodyDue(LineNotCallable):
    """No voter on this line is to be called now."""


class OutsideLineHours(LineNotCallable):
    """It is not a time to call the voters of this line."""


class NotForThisCaller(Conflict):
    """This line may go to another caller, not to this one."""


class OwnNumber(NotForThisCaller):
    """This is the caller's own number."""


class SkippedBefore(NotForThisCaller):
    """This caller skipped the line; it comes back to this caller after a day."""


class LanguageNeeded(NotForThisCaller):
    """This voter is called by somebody who speaks the voter's language."""


class PromisedToAnother(NotForThisCaller):
    """Another caller promised this voter to call back."""


class PhoneBankInvalid(Invalid):
    """The phone bank does not fit; the fields are named with what to do."""


class PhoneBankKnown(Conflict):
    """This phone bank exists already."""


class ScriptMissing(Conflict):
    """Publish a script first: callers must know what to say, and the law who is calling."""


class ScriptInvalid(Invalid):
    """The script does not fit; the sentence names the place."""


class ScriptMoved(Conflict):
    """Somebody published another version meanwhile; look at it, then publish yours after it."""


class NotOpened(Conflict):
    """This phone bank is not open, so it cannot be paused."""
