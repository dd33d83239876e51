"""Many parts, such as callers, in few rows: in which row a part is, and under which name."""

import zlib
from urllib.parse import quote, unquote

# A row is written whole, so few parts should share one; a batch writes each row once at most, so
# they should not be too many. Of 10,000 callers 40 share a row, which is some kilobytes.
BUCKETS = 256


def bucket_of(part_id: str) -> int:
    """The bucket of a part, below `BUCKETS`: the same in every process and for ever."""
    return zlib.crc32(part_id.encode()) % BUCKETS


def field_of(part_id: str) -> str:
    """The part's name inside a document: MongoDB reads dots and dollars in names as paths."""
    return quote(part_id, safe="").replace(".", "%2E")


def part_of(field: str) -> str:
    """The part that has this name inside a document."""
    return unquote(field)
