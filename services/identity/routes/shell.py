"""The shell around identity's pages: who looks at them, and whose help they are offered."""

from pathlib import Path
from typing import Any

from starlette.requests import Request

from libs.chassis.pages.shell import Pages
from libs.chassis.problems import Unauthenticated
from libs.chassis.requests import principal_of
from libs.chassis.tokens import Principal
from services.identity.desk import Desk
from services.identity.domain.organization import ORGANIZATION

PAGES = Pages("identity", Path(__file__).parents[1] / "pages")


def visitor_of(request: Request) -> Principal | None:
    """Who looks at the page, if they are logged in."""
    try:
        return principal_of(request)
    except Unauthenticated:
        return None


async def around_of(desk: Desk, principal: Principal | None) -> dict[str, Any]:
    """What the shell shows around every page: who is logged in, and whose help to ask."""
    if principal is None:
        return {}
    person = await desk.records.people.read(principal.caller_id)
    around: dict[str, Any] = {}
    if person is not None:
        around["caller"] = {"id": principal.caller_id, "first_name": person.first_name}
    if principal.organization_id is not None:
        stream = f"organization-{principal.organization_id}"
        history = await desk.records.log.read(stream)
        around["organization"] = ORGANIZATION.fold(history.facts).founded
    return around
