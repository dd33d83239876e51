"""Kafka into identity: its own facts reach its lists, and ended sessions."""

from libs.chassis.clock import Now
from libs.chassis.revocations import RevokedSessions
from libs.chassis.worker import run_worker
from libs.database import Database
from libs.eventstore.store import Log
from libs.views.view import Policy, View
from services.identity.settings import IdentitySettings
from services.identity.views.campaigns import Campaigns
from services.identity.views.organizations import Organizations
from services.identity.views.roles import Roles

VIEWS: tuple[View, ...] = (Organizations(), Campaigns(), Roles(), RevokedSessions())


def policies(_log: Log, _views: Database, _now: Now) -> tuple[Policy, ...]:
    """None: no foreign fact becomes a command here."""
    return ()


if __name__ == "__main__":
    live = (Organizations, Campaigns, Roles, RevokedSessions)
    run_worker("identity", IdentitySettings(), views=VIEWS, live=live, policies=policies)
