"""How the vault seals: a random key for each person and file, itself wrapped by the vault's key."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
ID_LENGTH = 32


class SealBroken(RuntimeError):
    """Something sealed does not open: another VAULT_KEY, another place, or altered bytes."""


class Seal:
    """One opened key: AES-256-GCM, what it seals is bound to the name of its place."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, place: str, content: bytes) -> bytes:
        """The content, readable only with this key and at this place."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """The content again. Raises SealBroken."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        except InvalidTag as error:
            message = f"what is sealed for {place} does not open"
            raise SealBroken(message) from error


class Sealer:
    """Makes keys and wraps them. A wrapped key that is destroyed leaves noise behind."""

    def __init__(self, vault_key: str) -> None:
        self._wrapping = Seal(_derived(vault_key, b"phonebank voters wrapping"))
        self._digesting = _derived(vault_key, b"phonebank voters digest")

    def new_key(self, owner: str) -> tuple[bytes, Seal]:
        """A fresh key for an owner: wrapped, to be stored, and opened, to be used."""
        key = os.urandom(KEY_BYTES)
        return self._wrapping.seal(owner, key), Seal(key)

    def opened(self, owner: str, wrapped: bytes) -> Seal:
        """The owner's key. Raises SealBroken."""
        return Seal(self._wrapping.open(owner, wrapped))

    def digest(self, content: bytes) -> str:
        """A digest on which nobody can try guesses without the vault's key; hexadecimal."""
        return hmac.new(self._digesting, content, hashlib.sha256).hexdigest()


class Ids:
    """The ids of voters and lines: keyed, so that they say nothing, and always the same."""

    def __init__(self, line_key: str) -> None:
        self._line_key = line_key.encode()
        self._voter_key = _derived(line_key, b"phonebank voters voter id")

    def line_id(self, campaign_id: str, e164: str) -> str:
        """The id of a phone number in a campaign."""
        return _keyed(self._line_key, campaign_id, e164)

    def voter_id(self, campaign_id: str, registry: str, number: str) -> str:
        """The id of a voter: `registry` is a state or a database, `number` the voter's there."""
        return _keyed(self._voter_key, campaign_id, registry, number)


def _keyed(key: bytes, *parts: str) -> str:
    return hmac.new(key, "\0".join(parts).encode(), hashlib.sha256).hexdigest()[:ID_LENGTH]


def _derived(secret: str, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=use).derive(secret.encode())
