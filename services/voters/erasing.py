"""Forgets a person: everything but the ids that stand in facts. Done again, it does nothing."""

from libs.database import Database
from services.voters import deposits, people
from services.voters.selectable import Selectable


async def forget(database: Database, campaign_id: str, voter_id: str) -> None:
    """Destroy the person's key first: from then on the rest is noise, whatever happens."""
    await people.erase(database, campaign_id, voter_id)
    await deposits.erase(database, campaign_id, voter_id)
    await Selectable(database).erase(campaign_id, voter_id)
