"""How identity seals what it knows of a person: each document under a random key of its own."""

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12

Shape = TypeVar("Shape", bound=msgspec.Struct)


class SealBroken(RuntimeError):
    """A sealed document cannot be opened: another VAULT_KEY, another owner, or altered bytes."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A document under its own key, and that key under the vault's. Without `key` it is noise."""

    key: bytes
    content: bytes


class Sealer:
    """AES-256-GCM; the owner's name is associated data, so a document opens for its owner only."""

    def __init__(self, vault_key: str) -> None:
        self._wrapping = AESGCM(_derived(vault_key, b"phonebank identity wrapping"))
        self._hashing = _derived(vault_key, b"phonebank identity hashing")

    def seal(self, owner: str, document: msgspec.Struct) -> Sealed:
        """The document under a fresh key."""
        key = AESGCM.generate_key(KEY_BYTES * 8)
        content = _encrypt(AESGCM(key), msgspec.json.encode(document), owner)
        return Sealed(_encrypt(self._wrapping, key, owner), content)

    def open(self, owner: str, sealed: Sealed, shape: type[Shape]) -> Shape:
        """The document again. Raises SealBroken."""
        key = _decrypt(self._wrapping, sealed.key, owner)
        return msgspec.json.decode(_decrypt(AESGCM(key), sealed.content, owner), type=shape)

    def keyed_hash(self, purpose: str, text: str | bytes) -> str:
        """A hash that nobody can try guesses on without the vault's key; hexadecimal."""
        raw = text.encode() if isinstance(text, str) else text
        return hmac.new(self._hashing, purpose.encode() + b"\0" + raw, hashlib.sha256).hexdigest()


def _derived(secret: str, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=use).derive(secret.encode())


def _encrypt(cipher: AESGCM, plain: bytes, owner: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, owner.encode())


def _decrypt(cipher: AESGCM, sealed: bytes, owner: str) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner.encode())
    except InvalidTag as error:
        message = f"the document of {owner} does not open"
        raise SealBroken(message) from error
