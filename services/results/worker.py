"""Kafka into results: which facts reach which view."""

from libs.chassis.campaign_names import CampaignNames
from libs.chassis.clock import Now
from libs.chassis.revocations import RevokedSessions
from libs.chassis.worker import run_worker
from libs.database import Database
from libs.eventstore.store import Log
from libs.views.view import Policy, View
from services.results.settings import ResultsSettings
from services.results.views.banks import Banks
from services.results.views.caller_tallies import CallerTallies
from services.results.views.recent_calls import RecentCalls
from services.results.views.scripts import Scripts
from services.results.views.tallies import Tallies

VIEWS: tuple[View, ...] = (
    Tallies(),
    CallerTallies(),
    RecentCalls(),
    Scripts(),
    Banks(),
    CampaignNames(),
    RevokedSessions(),
)
LIVE = (Tallies, Scripts, Banks, RevokedSessions)


def policies(_log: Log, _views: Database, _now: Now) -> tuple[Policy, ...]:
    """None: results decides on what callers say, and on nothing else."""
    return ()


if __name__ == "__main__":
    run_worker("results", ResultsSettings(), views=VIEWS, live=LIVE, policies=policies)
