"""The demo's own secrets: made once at random, kept where only their owner can read them."""

import base64
import json
import os
import secrets
import tempfile
from pathlib import Path

NAMES = ("TICKET_KEY", "LINE_KEY", "TOKEN_KEY", "VAULT_KEY", "SETUP_TOKEN", "SERVICE_KEY")
_KEY_BYTES = 32


def kept_in(folder: Path) -> dict[str, str]:
    """Every secret by the name of its environment variable, the same at every start.

    Each is 32 random bytes in URL-safe base64. A name that is new since the file was written is
    added; none is ever replaced, for the vault's people could no longer be read.
    """
    file = folder / "secrets.json"
    known: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    missing = {name: _random_key() for name in NAMES if name not in known}
    if missing:
        known |= missing
        write_privately(file, json.dumps(known, indent=2) + "\n")
    return known


def write_privately(file: Path, text: str) -> None:
    """Replace `file` in one step by one that only its owner can read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes its file 0600.
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    with os.fdopen(descriptor, "w", encoding="utf-8") as content:
        content.write(text)
        content.flush()
        os.fsync(content.fileno())
    Path(temporary).replace(file)


def _random_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
