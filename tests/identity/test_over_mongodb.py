"""The same door over the real log: claims, repeats and the way from sign-up to log-in."""

import asyncio

import httpx

from libs.database import Database
from tests.identity.conftest import NOON
from tests.identity.house import Clock, House, link_in, open_house

ANN = "ann@example.org"


async def test_from_setting_up_to_logging_out(database: Database) -> None:
    async with open_house(database, Clock(NOON), in_memory=False) as house:
        organizer = await house.organizer()
        campaign = await organizer.post("/identity/campaigns", {"name": "Prop 5"})
        assert campaign.status_code == 201
        assert (await organizer.post("/identity/campaigns", {"name": "Prop 5"})).status_code == 409
        ann = await house.caller(ANN, next="/calls/dvc-palo-alto")
        body = {"email": ANN, "role": "lead", "campaign_id": campaign.json()["campaign_id"]}
        assert (await organizer.post("/identity/roles", body)).status_code == 201
        me = (await ann.get("/identity/sessions/current")).json()["caller"]
        assert [grant["role"] for grant in me["grants"]] == ["lead"]
        assert (await ann.delete("/identity/sessions/current")).status_code == 204
        assert (await ann.get("/identity/sessions/current")).status_code == 401
        assert (await ann.log_in(ANN)).status_code == 201


async def test_many_sign_ups_with_one_address_make_one_caller(database: Database) -> None:
    async with open_house(database, Clock(NOON), in_memory=False) as house:
        browsers = [await house.browser() for _ in range(8)]
        answers = await asyncio.gather(*(browser.sign_up(ANN) for browser in browsers))
        assert {answer.status_code for answer in answers} == {201}
        claims = {"claims": {"$exists": True}}
        assert await database["commits"].count_documents(claims) == 1
        assert await confirmed(house) == 1
        assert await database["people"].count_documents({}) == 1


async def confirmed(house: House) -> int:
    """Follow every link that was mailed; how many facts that makes."""
    await house.mail(ANN)
    browser = await house.browser()
    for message in house.sent:
        token = httpx.URL(link_in(message)).params["token"]
        answer = await browser.post("/identity/confirmations", {"token": token})
        assert answer.status_code == 200
    found = {"facts.type": "identity.caller-confirmed"}
    return await house.database["commits"].count_documents(found)
