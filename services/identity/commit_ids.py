"""The ids of what one command leads to besides its own commit."""

import hashlib


def derived_id(commit_id: str, what: str) -> str:
    """The id of a second commit or entity that belongs to a command's first."""
    return hashlib.blake2b(f"{commit_id}\0{what}".encode(), digest_size=16).hexdigest()
