"""A vault for tests: the same addresses, everything in memory, and it can be away."""

import json
from collections.abc import Mapping
from typing import Any

import httpx

from libs.chassis.tokens import ServiceTokens
from libs.chassis.vault import Vault
from tests.results.moments import EVENING

SERVICE_KEY = "service-key-of-the-tests-0123456789"


class StandInVault:
    """Answers as voters does; `people` are the cards it has, `texts` the deposits it took."""

    def __init__(self, people: Mapping[str, dict[str, Any]] | None = None) -> None:
        self.people = dict(people or {})
        self.texts: dict[str, dict[str, str]] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.away = False

    def client(self, service: str) -> Vault:
        """The real client, with its questions coming here."""
        vault = Vault("http://vault.test", ServiceTokens(SERVICE_KEY, service), lambda: EVENING)
        transport = httpx.MockTransport(self._answer)
        vault._http = httpx.AsyncClient(base_url="http://vault.test", transport=transport)
        return vault

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            return httpx.Response(503)
        ServiceTokens(SERVICE_KEY, "voters").verify(request.headers["x-service-token"], EVENING)
        body = json.loads(request.content)
        path = request.url.path
        self.asked.append((path, body))
        if path == "/voters/vault/cards":
            cards = {each: self.people[each] for each in body["voter_ids"] if each in self.people}
            return httpx.Response(200, json={"cards": cards})
        if path == "/voters/vault/deposits/read":
            texts = {
                each: self.texts[each]["text"] for each in body["deposit_ids"] if each in self.texts
            }
            return httpx.Response(200, json={"texts": texts})
        assert path == "/voters/vault/deposits"
        return httpx.Response(200, json={"deposit_ids": [self._keep(d) for d in body["deposits"]]})

    def _keep(self, deposit: dict[str, str]) -> str:
        deposit_id = f"d-{deposit['call_id']}-{deposit['voter_id']}-{deposit['kind']}"
        self.texts.setdefault(deposit_id, deposit)
        return deposit_id

    def words(self, kind: str) -> list[str]:
        """What was deposited under a kind."""
        return [each["text"] for each in self.texts.values() if each["kind"] == kind]


def person(name: str, city: str = "Lehighton", **changed: Any) -> dict[str, Any]:
    """A card."""
    first, _, last = name.partition(" ")
    line = {
        "line_id": "l1",
        "e164": "+12155550123",
        "display": "(215) 555-0123",
        "fictional": True,
    }
    return {
        "first_name": first,
        "last_name": last,
        "name": name,
        "age": 44,
        "party": None,
        "city": city,
        "state": "PA",
        "zones": ["America/New_York"],
        "gender": None,
        "lines": [line],
    } | changed
