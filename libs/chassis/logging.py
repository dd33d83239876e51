"""Structured logs: one JSON object a line, ids only."""

import logging

import structlog

# Keys that could carry a person's data never reach a log line, whoever passes them.
_PERSONAL = frozenset({"email", "name", "first_name", "last_name", "phone", "number", "password"})


def _without_people(
    _: object, __: str, entry: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    for key in _PERSONAL & entry.keys():
        entry[key] = "[withheld]"
    return entry


def configure_logging(service: str, level: str) -> None:
    """Set up this process's logs; safe to call again."""
    logging.basicConfig(level=level, format="%(message)s")
    for chatty in ("aiokafka", "faust", "mode", "pymongo", "uvicorn.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_people,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
