"""The ids of calls: each names its assignment, so that a call's stream is found by its id."""

import hashlib

_SEPARATOR = "-"


def call_id_of(assignment_id: str, commit_id: str = "") -> str:
    """The id of an assignment's first call, or of the other one that this commit recorded."""
    named = f"call\0{assignment_id}\0{commit_id}".encode()
    return f"{assignment_id}{_SEPARATOR}{hashlib.blake2b(named, digest_size=6).hexdigest()}"


def stream_of(assignment_id: str) -> str:
    """The stream of all calls of an assignment."""
    return f"call-{assignment_id}"


def stream_of_call(call_id: str) -> str:
    """The stream in which this call is recorded, if it is."""
    return stream_of(call_id.rpartition(_SEPARATOR)[0])
