"""Writes .env, without which docker-compose.yml refuses to start: new secrets, and where it runs.

    python3 -m deploy.secrets demo
    python3 -m deploy.secrets production phonebank.example.org smtp.example.org

Needs nothing but Python. A .env that is there is never touched: with other keys nobody's record
could be read again.
"""

import argparse
import base64
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.processes import SERVICES

_KEY_BYTES = 32
_KEYFILE_BYTES = 192
KEYS = ("TOKEN_KEY", "SERVICE_KEY", "TICKET_KEY", "LINE_KEY", "VAULT_KEY", "SETUP_TOKEN")
MONGODB_USERS = ("ADMIN", "RELAY", *(service.upper() for service in SERVICES))


def made() -> dict[str, str]:
    """Every secret by the name of its variable: 32 random bytes each, in URL-safe base64."""
    passwords = {f"MONGODB_{user}_PASSWORD": _key(_KEY_BYTES) for user in MONGODB_USERS}
    keyfile = base64.b64encode(secrets.token_bytes(_KEYFILE_BYTES)).decode()
    return {name: _key(_KEY_BYTES) for name in KEYS} | passwords | {"MONGODB_KEYFILE": keyfile}


def demo() -> dict[str, str]:
    """Everything on this machine, by plain HTTP, with a mail catcher and made-up callers."""
    return {
        "PHONEBANK_ENV": "demo",
        "COMPOSE_PROFILES": "demo",
        "PUBLIC_URL": "http://localhost:8000",
        "SMTP_HOST": "mailcatcher",
        "SMTP_PORT": "8025",
    }


def production(host: str, smtp_host: str) -> dict[str, str]:
    """At https://<host>: Caddy fetches the certificate and stands before the gateway."""
    return {
        "PHONEBANK_ENV": "production",
        "COMPOSE_PROFILES": "tls",
        "PUBLIC_URL": f"https://{host}",
        "SITE": host,
        # Where Docker puts Caddy: it tells the gateway whom it speaks for.
        "GATEWAY_TRUSTS": "172.16.0.0/12,192.168.0.0/16",
        "SMTP_HOST": smtp_host,
        "SMTP_PORT": "587",
        "SMTP_SECURITY": "starttls",
        "SMTP_USERNAME": "",
        "SMTP_PASSWORD": "",
        "MAIL_FROM": f"Phonebank <phonebank@{host}>",
    }


def write(file: Path, variables: Mapping[str, str]) -> None:
    """A new file that only its owner can read. Raises FileExistsError."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as lines:
        lines.writelines(f"{name}={value}\n" for name, value in variables.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; answers the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m deploy.secrets", description=__doc__)
    parser.add_argument("--file", type=Path, default=Path(".env"))
    kinds = parser.add_subparsers(dest="kind", required=True)
    kinds.add_parser("demo", help=demo.__doc__)
    for_real = kinds.add_parser("production", help=production.__doc__)
    for_real.add_argument("host", help="the name people open, e.g. phonebank.example.org")
    for_real.add_argument("smtp_host", help="the server that sends our mail")
    chosen = parser.parse_args(arguments)
    place = demo() if chosen.kind == "demo" else production(chosen.host, chosen.smtp_host)
    try:
        write(chosen.file, place | made())
    except FileExistsError:
        sys.stdout.write(f"{chosen.file} is there already, and is left as it is.\n")
        return 1
    sys.stdout.write(f"{chosen.file} is written. Keep a copy: people's records need these keys.\n")
    return 0


def _key(size_bytes: int) -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(size_bytes)).decode().rstrip("=")


if __name__ == "__main__":
    sys.exit(main())
