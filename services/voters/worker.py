"""Kafka into voters: universes by name, ended sessions, what calls learned, who was erased."""

from libs.chassis.campaign_names import CampaignNames
from libs.chassis.clock import Now
from libs.chassis.revocations import RevokedSessions
from libs.chassis.worker import run_worker
from libs.database import Database
from libs.eventstore.store import Log
from libs.views.view import Policy, View
from services.voters.outreach import remembering_calls
from services.voters.policies import forgetting, list_cleaning
from services.voters.settings import VotersSettings
from services.voters.views.phone_banks import PhoneBanks
from services.voters.views.universes import Universes

VIEWS: tuple[View, ...] = (Universes(), PhoneBanks(), CampaignNames(), RevokedSessions())
LIVE = (RevokedSessions,)


def policies(log: Log, views: Database, now: Now) -> tuple[Policy, ...]:
    """List cleaning, erasing made certain, and calls remembered for selecting by them."""
    return (list_cleaning(log, views, now), forgetting(views), remembering_calls(views))


if __name__ == "__main__":
    run_worker("voters", VotersSettings(), views=VIEWS, live=LIVE, policies=policies)
