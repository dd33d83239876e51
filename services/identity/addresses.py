"""E-mail addresses: their one spelling, the claim that makes them unique, and whose they are."""

import re
import unicodedata
from dataclasses import dataclass

from libs.eventstore.store import Log
from services.identity.domain.errors import EmailInvalid
from services.identity.people import People, Person
from services.identity.sealing import Sealer

EMAIL_LENGTH_MAX = 254
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"(?=.{{1,64}}$){_ATOM}(?:\.{_ATOM})*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose address it is. `person` is None when that account was erased: it is free again.

    `number` counts the accounts this address had before.
    """

    caller_id: str
    number: int
    person: Person | None


def normalised(email: str) -> str:
    """The address in its one spelling: no outer spaces, lower case, IDNA. Raises EmailInvalid."""
    local, _, domain = unicodedata.normalize("NFC", email.strip()).rpartition("@")
    try:
        domain = domain.casefold().encode("idna").decode()
    except UnicodeError:
        domain = ""
    whole = f"{local}@{domain}"
    if len(whole) > EMAIL_LENGTH_MAX or not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise EmailInvalid("Write an address such as name@example.org, with one @ and no spaces.")
    return whole.casefold()


class Addresses:
    """The log's claims on addresses. They hold keyed hashes, so the log names nobody."""

    def __init__(self, log: Log, people: People, sealer: Sealer) -> None:
        self._log = log
        self._people = people
        self._sealer = sealer

    def key(self, address: str) -> str:
        """What stands for a normalised address wherever it must not be seen."""
        return self._sealer.keyed_hash("email", address)

    async def holder(self, address: str) -> Holder | None:
        """Who registered a normalised address last; the same work whether or not somebody did."""
        last: Holder | None = None
        number = 0
        while True:
            commit = await self._log.claimed(self._claim(address, number))
            caller_id = commit.stream.removeprefix("caller-") if commit else "nobody"
            person = await self._people.read(caller_id)
            if commit is None:
                return last
            last = Holder(caller_id, number, person)
            if person is not None:
                return last
            number += 1

    def claim_for(self, address: str, holder: Holder | None) -> str:
        """The claim a new registration makes: taken if the holder lives, the next one if erased."""
        if holder is None:
            return self._claim(address, 0)
        return self._claim(address, holder.number + (holder.person is None))

    def _claim(self, address: str, number: int) -> str:
        first = f"email/{self.key(address)}"
        return f"{first}/{number}" if number else first
