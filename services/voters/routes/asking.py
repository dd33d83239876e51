"""What the routes of voters ask of a request besides the chassis."""

from typing import Annotated

from fastapi import Depends
from pydantic import StringConstraints
from starlette.requests import HTTPConnection

from libs.chassis.tokens import Principal
from libs.database import Document
from services.voters.desk import Desk
from services.voters.domain.errors import NoSuchImport

IMPORTING = "import_voters"
SELECTING = "define_universe"

Id = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


def desk_at(connection: HTTPConnection) -> Desk:
    """The desk of this process."""
    desk: Desk = connection.app.state.desk
    return desk


async def _desk(connection: HTTPConnection) -> Desk:
    return desk_at(connection)


AtDesk = Annotated[Desk, Depends(_desk)]


async def record_for(import_id: str, caller: Principal, desk: Desk) -> Document:
    """An import's record, for somebody who may import into its campaign. Raises NoSuchImport."""
    record = await desk.imports.find(import_id)
    if record is None or not caller.may(IMPORTING, record["campaign_id"]):
        raise NoSuchImport
    return record
