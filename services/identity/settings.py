"""Identity's own environment: the vault's key, the set-up token and the way to the mail server."""

from typing import Literal

from pydantic import SecretStr

from libs.chassis.settings import Settings


class IdentitySettings(Settings):
    """Besides every service's: what sealing people's data, setting up and mailing need.

    `voters_url` is where the vault of `voters` answers, PUBLIC_URL when it is not said.

    `setup_token` unset means that nobody can set this installation up (any more). `smtp_security`
    `auto` uses TLS when the mail server offers it; `starttls` and `tls` insist on it.
    """

    vault_key: SecretStr
    setup_token: SecretStr | None = None
    voters_url: str | None = None
    smtp_host: str = "localhost"
    smtp_port: int = 25
    smtp_username: str | None = None
    smtp_password: str | None = None
    smtp_security: Literal["auto", "starttls", "tls"] = "auto"
    mail_from: str = "Phonebank <phonebank@localhost>"
