"""What the routes of voters ask of a request besides the chassis."""

from typing import Annotated

from fastapi import Depends
from pydantic import StringConstraints
from starlette.requests import HTTPConnection

from services.voters.desk import Desk

Id = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


def desk_at(connection: HTTPConnection) -> Desk:
    """The desk of this process."""
    desk: Desk = connection.app.state.desk
    return desk


async def _desk(connection: HTTPConnection) -> Desk:
    return desk_at(connection)


AtDesk = Annotated[Desk, Depends(_desk)]
