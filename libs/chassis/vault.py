"""The client of the vault: the named exception to meeting on the bus, asked in batches only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import httpx

from libs.chassis.clock import Now
from libs.chassis.problems import Unavailable
from libs.chassis.tokens import ServiceTokens

AUDIENCE = "voters"
CARDS_PER_QUESTION_MAX = 1_000
ANSWER_SECONDS_MAX = 5.0

Purpose = Literal["call", "list", "export"]
DepositKind = Literal["note", "hearsay", "promise_number", "promise_question"]


@dataclass(frozen=True, slots=True)
class CardLine:
    """One phone number of a voter, as a caller sees it."""

    line_id: str
    e164: str
    display: str
    fictional: bool


@dataclass(frozen=True, slots=True)
class Card:
    """What the vault tells of a voter; None where the file does not say."""

    voter_id: str
    first_name: str
    last_name: str
    name: str
    age: int | None
    party: str | None
    city: str | None
    state: str
    zones: tuple[str, ...]
    gender: str | None
    lines: tuple[CardLine, ...]

    @classmethod
    def of(cls, voter_id: str, card: Mapping[str, Any]) -> Self:
        """From the vault's JSON; fields it has more of are left."""
        return cls(
            voter_id=voter_id,
            first_name=card["first_name"],
            last_name=card["last_name"],
            name=card["name"],
            age=card["age"],
            party=card["party"],
            city=card["city"],
            state=card["state"],
            zones=tuple(card["zones"]),
            gender=card["gender"],
            lines=tuple(CardLine(**line) for line in card["lines"]),
        )


@dataclass(frozen=True, slots=True)
class Deposit:
    """A text about a person, for the vault to keep; one for each (call, voter, kind)."""

    voter_id: str
    call_id: str
    kind: DepositKind
    text: str


class Vault:
    """Asks the vault for cards, texts and line ids, deposits texts; Unavailable when it is away."""

    def __init__(self, base_url: str, tokens: ServiceTokens, now: Now) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url, timeout=ANSWER_SECONDS_MAX, trust_env=False
        )
        self._tokens = tokens
        self._now = now

    async def aclose(self) -> None:
        """Let the connections go."""
        await self._http.aclose()

    async def cards(
        self, campaign_id: str, voter_ids: Iterable[str], *, purpose: Purpose, actor: str
    ) -> dict[str, Card]:
        """Cards by voter id, in one call for up to 1,000; unknown and erased people are left out.

        `actor` is the caller or process that will see them.
        """
        wanted = list(dict.fromkeys(voter_ids))
        cards: dict[str, Card] = {}
        for start in range(0, len(wanted), CARDS_PER_QUESTION_MAX):
            answer = await self._ask(
                "/voters/vault/cards",
                {
                    "campaign_id": campaign_id,
                    "purpose": purpose,
                    "actor": actor,
                    "voter_ids": wanted[start : start + CARDS_PER_QUESTION_MAX],
                },
            )
            cards |= {voter: Card.of(voter, card) for voter, card in answer["cards"].items()}
        return cards

    async def deposit(
        self, campaign_id: str, deposits: Sequence[Deposit], *, actor: str
    ) -> list[str]:
        """Keep texts, ids in their order; the same (call, voter, kind) again has the same id."""
        answer = await self._ask(
            "/voters/vault/deposits",
            {
                "campaign_id": campaign_id,
                "actor": actor,
                "deposits": [
                    {
                        "voter_id": each.voter_id,
                        "call_id": each.call_id,
                        "kind": each.kind,
                        "text": each.text,
                    }
                    for each in deposits
                ],
            },
        )
        ids: list[str] = answer["deposit_ids"]
        return ids

    async def read_deposits(
        self, campaign_id: str, deposit_ids: Sequence[str], *, actor: str
    ) -> dict[str, str]:
        """Texts by id; those of erased people are left out."""
        answer = await self._ask(
            "/voters/vault/deposits/read",
            {"campaign_id": campaign_id, "actor": actor, "deposit_ids": list(deposit_ids)},
        )
        texts: dict[str, str] = answer["texts"]
        return texts

    async def lines(
        self, campaign_ids: Sequence[str], numbers: Sequence[str]
    ) -> dict[str, tuple[str, ...]]:
        """The line ids by campaign that numbers would have, as somebody typed them.

        From any country; American ones without +1 are understood. Others are no line.
        """
        answer = await self._ask(
            "/voters/vault/lines",
            {"campaign_ids": list(campaign_ids), "numbers": list(numbers)},
        )
        return {
            campaign_id: tuple(dict.fromkeys(line for lines in by_number for line in lines))
            for campaign_id, by_number in answer["lines"].items()
        }

    async def _ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"x-service-token": self._tokens.sign(AUDIENCE, self._now())}
        try:
            answer = await self._http.post(path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise Unavailable("The vault of voters does not answer.") from error
        if answer.is_error:
            message = f"The vault of voters answered {answer.status_code}."
            raise Unavailable(message)
        found: dict[str, Any] = answer.json()
        return found
