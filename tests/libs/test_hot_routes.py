"""Hot routes answer as if they were ordinary ones."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from libs.chassis.hot_routes import HotRoute, HotRoutes
from libs.chassis.problems import install
from libs.decider import Conflict

router = APIRouter()


class Taken(Conflict):
    """This thing is taken."""


@router.post("/things/{thing_id}/takes")  # noqa: FAST003 - a hot route parses for itself.
async def take_thing(request: Request) -> Response:
    """Take a thing."""
    thing_id = request.path_params["thing_id"]
    if thing_id == "gone":
        raise Taken
    return JSONResponse({"thing_id": thing_id, "said": await request.json()}, 201)


def app(*, hot: bool) -> FastAPI:
    made = FastAPI()
    install(made)
    made.include_router(router)
    if hot:
        routes = [HotRoute("/things/{thing_id}/takes", take_thing)]
        made.add_middleware(HotRoutes, routes=routes)
    return made


@pytest.mark.parametrize("path", ["/things/a/takes", "/things/gone/takes", "/things/a/b/takes"])
async def test_the_answer_is_the_ordinary_one(path: str) -> None:
    answers = []
    for hot in (False, True):
        transport = httpx.ASGITransport(app=app(hot=hot))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            answer = await http.post(path, json={"please": True})
            answers.append((answer.status_code, answer.json(), answer.headers["content-type"]))
    assert answers[0] == answers[1]


def test_it_stays_documented() -> None:
    assert app(hot=True).openapi() == app(hot=False).openapi()
