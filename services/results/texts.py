"""Words about people go into the vault before the fact that names their deposit is recorded."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from libs.chassis.vault import Deposit, DepositKind, Vault


@dataclass(frozen=True, slots=True)
class Text:
    """Words about a voter."""

    voter_id: str
    kind: DepositKind
    words: str


class Texts:
    """Deposits the texts of a call, the same text of a call once, however often it is sent."""

    def __init__(self, vault: Vault, key: str) -> None:
        self._vault = vault
        self._key = hashlib.blake2b(key.encode(), person=b"results texts").digest()

    async def deposit(
        self, campaign_id: str, assignment_id: str, actor: str, texts: Sequence[Text]
    ) -> dict[Text, str]:
        """The deposit of each text. Raises Unavailable when the vault does not answer."""
        if not texts:
            return {}
        deposits = [
            Deposit(text.voter_id, self._name(assignment_id, text), text.kind, text.words)
            for text in texts
        ]
        ids = await self._vault.deposit(campaign_id, deposits, actor=actor)
        return dict(zip(texts, ids, strict=True))

    def _name(self, assignment_id: str, text: Text) -> str:
        """The vault keeps one text a call, voter and kind, so every text gets a name of its own.

        It is keyed: nobody can try out words against it.
        """
        named = f"{assignment_id}\0{text.voter_id}\0{text.kind}\0{text.words}".encode()
        return hashlib.blake2b(named, key=self._key, digest_size=16).hexdigest()
