"""Kafka into gotv: which facts reach which view or policy."""

from libs.chassis.clock import Now
from libs.chassis.revocations import RevokedSessions
from libs.chassis.worker import run_worker
from libs.database import Database
from libs.eventstore.store import Log
from libs.views.view import Policy, View
from services.gotv.policies import weigh_support
from services.gotv.settings import GotvSettings
from services.gotv.views.bank_totals import BankTotals
from services.gotv.views.banks import Banks
from services.gotv.views.caller_activity import CallerActivity
from services.gotv.views.campaigns import Campaigns
from services.gotv.views.hearsay import Hearsay
from services.gotv.views.organizations import Organizations
from services.gotv.views.promises import Promises
from services.gotv.views.raised_hands import RaisedHands
from services.gotv.views.volunteers import Volunteers
from services.gotv.views.voter_status import VoterStatus

VIEWS: tuple[View, ...] = (
    BankTotals(),
    VoterStatus(),
    CallerActivity(),
    RaisedHands(),
    Hearsay(),
    Volunteers(),
    Promises(),
    Banks(),
    Campaigns(),
    Organizations(),
    RevokedSessions(),
)
LIVE = (BankTotals, CallerActivity, RaisedHands, RevokedSessions)


def policies(log: Log, views: Database, now: Now) -> tuple[Policy, ...]:
    """Answers on support are weighed as they arrive."""
    return (weigh_support(log, views, now),)


if __name__ == "__main__":
    run_worker("gotv", GotvSettings(), views=VIEWS, live=LIVE, policies=policies)
