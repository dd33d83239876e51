"""Where a fact stands: its position in the log's order, and its partition on the bus."""

import zlib

PARTITIONS_DEFAULT = 6

_PLACE_BITS = 10
_FACT_BITS = 12

COMMITS_PER_ORDER_MAX = 1 << _PLACE_BITS
FACTS_PER_COMMIT_MAX = 1 << _FACT_BITS


def position_of(number: int, place: int, fact: int) -> int:
    """The order's number, the commit's place in it and the fact's place, as one integer.

    It stays below 2^53 (exact in JSON and JavaScript) for the first 2^31 order entries.
    """
    return (number << (_PLACE_BITS + _FACT_BITS)) | (place << _FACT_BITS) | fact


def order_number(position: int) -> int:
    """The number of the order entry a position belongs to."""
    return position >> (_PLACE_BITS + _FACT_BITS)


def fact_index(position: int) -> int:
    """The place of the fact in its commit."""
    return position & (FACTS_PER_COMMIT_MAX - 1)


def partition_of(key: str, partitions: int) -> int:
    """The partition of a Kafka key: CRC-32, as librdkafka's `consistent` partitioner has it.

    A function of the key alone, so that views that keep one row a partition can be replayed from
    the log without asking Kafka.
    """
    return zlib.crc32(key.encode()) % partitions
