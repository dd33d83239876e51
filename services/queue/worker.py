"""Kafka into the queue: which facts reach which view or policy."""

from libs.chassis.campaign_names import CampaignNames
from libs.chassis.revocations import RevokedSessions
from libs.chassis.worker import run_worker
from libs.views.view import View
from services.queue.policies import policies
from services.queue.settings import QueueSettings
from services.queue.views.banks import Banks
from services.queue.views.caller_days import CallerDays
from services.queue.views.hands import Hands
from services.queue.views.organizations import Organizations
from services.queue.views.universes import Universes
from services.queue.views.voters import Voters

VIEWS: tuple[View, ...] = (
    Voters(),
    Banks(),
    Organizations(),
    CallerDays(),
    Hands(),
    CampaignNames(),
    Universes(),
    RevokedSessions(),
)
LIVE = (Banks, CallerDays, Hands, RevokedSessions)

if __name__ == "__main__":
    run_worker("queue", QueueSettings(), views=VIEWS, live=LIVE, policies=policies)
