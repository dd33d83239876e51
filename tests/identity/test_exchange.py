"""The exchange of sessions over HTTP: for the gateway, and for nobody else."""

import pytest

from deploy.gateway import EXCHANGE
from libs.chassis.tokens import ServiceTokens
from tests.identity.house import House

ANN = "ann@example.org"


def service_token(house: House, service: str, audience: str = "identity") -> dict[str, str]:
    tokens = ServiceTokens(house.settings.service_key.get_secret_value(), service)
    return {"x-service-token": tokens.sign(audience, house.clock())}


async def test_the_gateway_gets_a_signed_token_until_the_session_ends(house: House) -> None:
    await house.caller(ANN)
    browser = await house.browser()
    opaque = (await browser.log_in(ANN)).json()["token"]
    gateway = await house.browser()
    headers = service_token(house, "gateway")
    answer = await gateway.post(EXCHANGE, {"token": opaque}, headers=headers)
    principal = house.app.state.tokens.verify(answer.json()["token"], house.clock())
    assert principal == await house.principal(browser)
    assert answer.headers["cache-control"] == "no-store"

    await browser.delete("/identity/sessions/current")
    answer = await gateway.post(EXCHANGE, {"token": opaque}, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"token": None})


@pytest.mark.parametrize(
    ("service", "audience", "status"),
    [("queue", "identity", 403), ("gateway", "voters", 401), (None, None, 401)],
)
async def test_nobody_else_may_ask(
    house: House, service: str | None, audience: str | None, status: int
) -> None:
    browser = await house.browser()
    headers = service_token(house, service, audience or "") if service else {}
    answer = await browser.post(EXCHANGE, {"token": "x"}, headers=headers)
    assert answer.status_code == status
