"""The vault, for the other services only: cards, texts about people, ids of numbers; in batches."""

import re
from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import uuid4

import msgspec
import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from libs.chassis.requests import body_of, meta_of, service_of
from libs.events.voters import VOTERS_PER_FACT_MAX, VoterDataDisclosed
from libs.eventstore.store import Commit
from services.voters.deposits import Deposit, Kind
from services.voters.desk import Desk
from services.voters.domain.phones import read_phones
from services.voters.routes.asking import desk_at

WELCOME = ("queue", "results", "gotv", "voters")
WELCOME_WITH_NUMBERS = ("identity",)  # It knows callers' numbers, and no voter.
DEPOSITS_MAX = 1_000
TEXT_LENGTH_MAX = 20_000
CAMPAIGNS_MAX = 1_000
NUMBERS_MAX = 20
NUMBER_LENGTH_MAX = 200
# Callers write more around a number than voter files do: "my cell: 001 610 555 0147 (evenings)".
_DIGITS = re.compile(r"\+?\(?\d[\d\s().-]*")
_FROM_ABROAD = re.compile(r"\D*(?:00|011)[\s.-]*(?=[\d(])")

router = APIRouter(prefix="/voters/vault", tags=["vault"])

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
VoterIds = Annotated[tuple[Id, ...], msgspec.Meta(max_length=VOTERS_PER_FACT_MAX)]
Text = Annotated[str, msgspec.Meta(max_length=TEXT_LENGTH_MAX)]
Number = Annotated[str, msgspec.Meta(max_length=NUMBER_LENGTH_MAX)]


class CardsAsked(msgspec.Struct, frozen=True):
    """Whose cards, for what, and who will see them."""

    campaign_id: Id
    purpose: Literal["call", "list", "export"]
    actor: Id
    voter_ids: VoterIds


class DepositBrought(msgspec.Struct, frozen=True):
    """A text about a voter."""

    voter_id: Id
    call_id: Id
    kind: Kind
    text: Text


class DepositsBrought(msgspec.Struct, frozen=True):
    """Texts that one call, or several, brought."""

    campaign_id: Id
    actor: Id
    deposits: Annotated[tuple[DepositBrought, ...], msgspec.Meta(max_length=DEPOSITS_MAX)]


class DepositsAsked(msgspec.Struct, frozen=True):
    """Which texts, and who will read them."""

    campaign_id: Id
    actor: Id
    deposit_ids: Annotated[tuple[Id, ...], msgspec.Meta(max_length=DEPOSITS_MAX)]


class LinesAsked(msgspec.Struct, frozen=True):
    """Which lines these numbers would be; as somebody typed them, from any country."""

    campaign_ids: Annotated[tuple[Id, ...], msgspec.Meta(max_length=CAMPAIGNS_MAX)]
    numbers: Annotated[tuple[Number, ...], msgspec.Meta(max_length=NUMBERS_MAX)]


@router.post("/cards")
async def read_cards(request: Request) -> Response:
    """Cards by voter id; unknown and erased people are left out."""
    service = service_of(request, WELCOME)
    asked, _ = await body_of(request, CardsAsked)
    desk = desk_at(request)
    cards = await desk.people.cards(asked.campaign_id, asked.voter_ids, desk.now().date())
    if asked.purpose != "call" and cards:
        await _disclose(request, desk, service, asked, asked.purpose, tuple(cards))
    return _json({"cards": cards})


@router.post("/deposits")
async def make_deposits(request: Request) -> Response:
    """Keep texts; the same call, voter and kind again keeps the first text and its id."""
    service_of(request, WELCOME)
    brought, _ = await body_of(request, DepositsBrought)
    desk = desk_at(request)
    deposits = [Deposit(d.voter_id, d.call_id, d.kind, d.text) for d in brought.deposits]
    ids = await desk.deposits.keep(brought.campaign_id, deposits, desk.now())
    return _json({"deposit_ids": ids})


@router.post("/deposits/read")
async def read_deposits(request: Request) -> Response:
    """Texts by id; those of erased people are left out."""
    service = service_of(request, WELCOME)
    asked, _ = await body_of(request, DepositsAsked)
    desk = desk_at(request)
    found = await desk.deposits.find(asked.campaign_id, asked.deposit_ids)
    texts = await desk.deposits.opened(asked.campaign_id, found)
    shown = dict.fromkeys(row["voter_id"] for row in found if row["_id"] in texts)
    if shown:
        await _disclose(request, desk, service, asked, "deposits", tuple(shown))
    return _json({"texts": texts})


@router.post("/lines")
async def name_lines(request: Request) -> Response:
    """Line ids by campaign, one list a number in its order, whether or not a voter has the line.

    A number that no American line can be has none. Nothing is kept, nothing looked up.
    """
    service_of(request, WELCOME_WITH_NUMBERS)
    asked, _ = await body_of(request, LinesAsked)
    ids = desk_at(request).ids
    read = [_numbers_in(text) for text in asked.numbers]
    lines = {
        campaign_id: [[ids.line_id(campaign_id, each) for each in numbers] for numbers in read]
        for campaign_id in asked.campaign_ids
    }
    return _json({"lines": lines})


def _numbers_in(text: str) -> list[str]:
    """Every American number in a text, whatever stands around it; E.164."""
    parts = (text, *(_FROM_ABROAD.sub("+", part, count=1) for part in _DIGITS.findall(text)))
    found = (phone.e164 for part in parts for phone in read_phones(part)[0])
    return list(dict.fromkeys(found))


async def _disclose(
    request: Request,
    desk: Desk,
    service: str,
    asked: CardsAsked | DepositsAsked,
    purpose: Literal["list", "export", "deposits"],
    voter_ids: Sequence[str],
) -> None:
    """Record who will see what before it is answered."""
    disclosure_id = uuid4().hex
    fact = VoterDataDisclosed(
        campaign_id=asked.campaign_id,
        disclosure_id=disclosure_id,
        actor=asked.actor,
        purpose=purpose,
        voter_ids=tuple(voter_ids),
    )
    meta = meta_of(request, f"service/{service}", asked.campaign_id)
    await desk.log.append(Commit(disclosure_id, f"disclosure-{disclosure_id}", 1, (fact,), meta))


def _json(answer: object) -> Response:
    headers = {"cache-control": "no-store"}
    return Response(orjson.dumps(answer), headers=headers, media_type="application/json")
