"""What identity's routes work with, put together once when the web process opens."""

from dataclasses import dataclass

from libs.chassis.clock import Now
from libs.chassis.edge import session_cookie
from libs.chassis.revocations import Revocations
from libs.chassis.tokens import Tokens
from libs.database import Database
from libs.eventstore.store import Log
from services.identity.accounts import Accounts
from services.identity.attempts import Attempts
from services.identity.credentials import Credentials
from services.identity.devices import device_cookie
from services.identity.founding import Founding
from services.identity.mail_door import MailDoor
from services.identity.own_lines import NumberVault, OwnLines
from services.identity.parts import Records, records_of, sender_of
from services.identity.passwords import Passwords
from services.identity.profiles import Profiles
from services.identity.sessions import Sessions
from services.identity.settings import IdentitySettings


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a route may need; `cookie` is the session cookie's name, `sender` our mail's.

    `device_cookie` is the name of the one by which a browser is remembered.
    """

    database: Database
    records: Records
    accounts: Accounts
    founding: Founding
    mail_door: MailDoor
    credentials: Credentials
    profiles: Profiles
    sessions: Sessions
    passwords: Passwords
    public_url: str
    sender: str
    cookie: str
    device_cookie: str

    @property
    def is_https(self) -> bool:
        """Whether browsers reach this site by https, so that cookies are kept to it."""
        return self.public_url.startswith("https://")


def desk_of(
    settings: IdentitySettings,
    *,
    log: Log,
    database: Database,
    tokens: Tokens,
    revocations: Revocations,
    now: Now,
    vault: NumberVault,
) -> Desk:
    """The desk over this log and database."""
    records = records_of(settings, log, database)
    passwords = Passwords()
    own_lines = OwnLines(log, database, records.people, vault, now)
    sessions = Sessions(database, log, tokens, revocations, now, own_lines=own_lines)
    setup_token = settings.setup_token.get_secret_value() if settings.setup_token else None
    sender = sender_of(settings)
    attempts = Attempts()
    accounts = Accounts(records, passwords, attempts, sessions, sender=sender)
    return Desk(
        database=database,
        records=records,
        accounts=accounts,
        mail_door=MailDoor(records, attempts, sessions),
        credentials=Credentials(records, passwords, attempts, sessions, accounts),
        founding=Founding(records, passwords, setup_token),
        profiles=Profiles(records, sessions),
        sessions=sessions,
        passwords=passwords,
        public_url=settings.public_url.rstrip("/"),
        sender=sender,
        cookie=session_cookie(settings.public_url),
        device_cookie=device_cookie(settings.public_url),
    )
