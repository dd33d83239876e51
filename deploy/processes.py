"""Which processes there are, and what each worker listens to, wherever they run."""

from collections.abc import Mapping

SERVICES = ("identity", "voters", "queue", "results", "gotv")
DATABASE_PREFIX = "phonebank"
# What each worker listens to, itself included; the charter of each service says why.
LISTENS: Mapping[str, tuple[str, ...]] = {
    "identity": ("identity",),
    "voters": ("voters", "identity", "queue", "results"),
    "queue": ("queue", "identity", "voters", "results"),
    "results": ("results", "identity", "queue"),
    "gotv": SERVICES,
}
# The programs beside a web process and a worker for each service.
PROGRAMS: Mapping[str, str] = {
    "relay": "deploy.embedded.relay",
    "clock": "services.queue.clock",
    "mailer": "services.identity.mailer",
    "importer": "services.voters.importer",
}


def group(service: str) -> str:
    """The consumer group of a service's workers."""
    return f"{DATABASE_PREFIX}-{service}"


def topics(service: str) -> tuple[str, ...]:
    """The topics a service's workers read."""
    return tuple(f"{each}.events" for each in LISTENS[service])
