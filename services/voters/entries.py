"""A parsed row made ready to be registered: ids, lines, zones, digest, and the card to seal."""

from dataclasses import dataclass, replace

from services.voters.domain.names import shown
from services.voters.domain.phones import is_fictional
from services.voters.domain.profiles.profile import Profile
from services.voters.domain.voter import Cursor, ParsedVoter
from services.voters.domain.voter_registration import RegisterVoter
from services.voters.domain.zones import zones_of
from services.voters.people import Card, Line, Person, encoded
from services.voters.sealing import Ids, Sealer

_NOWHERE = Cursor(0, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row asks for, and what the vault is to hold if it is new."""

    row: int
    voter: ParsedVoter
    record: bytes
    lines: tuple[Line, ...]
    command: RegisterVoter

    def person(self, version: int) -> Person:
        """The person as this row has it."""
        command = self.command
        card = _card(self.voter, command.zones, self.lines)
        return Person(command.campaign_id, command.voter_id, version, card, self.record)


class Entries:
    """Makes entries of one import's rows."""

    def __init__(self, campaign_id: str, import_id: str, ids: Ids, sealer: Sealer) -> None:
        self._campaign_id = campaign_id
        self._import_id = import_id
        self._ids = ids
        self._sealer = sealer

    def entry(self, parsed: ParsedVoter, profile: Profile, voter_id: str = "") -> Entry:
        """The entry of a voter. The same content makes the same digest, wherever it stands.

        `voter_id` is that of a voter who is known already.
        """
        voter = replace(parsed, flaws=(), row=0, cursor=_NOWHERE)
        record = encoded(voter)
        zones = zones_of(voter.zip5, voter.county, voter.state)
        lines = tuple(
            Line(self._ids.line_id(self._campaign_id, phone.e164), phone.e164)
            for phone in voter.phones
        )
        voter_id = voter_id or self._voter_id(voter, profile)
        told = f"{self._campaign_id}\0{voter_id}\0{' '.join(zones)}\0".encode()
        command = RegisterVoter(
            campaign_id=self._campaign_id,
            voter_id=voter_id,
            line_ids=tuple(line.line_id for line in lines),
            fictional_line_ids=frozenset(line.line_id for line in lines if is_fictional(line.e164)),
            state=voter.state,
            zones=zones,
            digest=self._sealer.digest(told + record),
            import_id=self._import_id,
        )
        return Entry(parsed.row, voter, record, lines, command)

    def _voter_id(self, voter: ParsedVoter, profile: Profile) -> str:
        """By the state's own id where the file has it, so that files of all kinds meet."""
        if voter.state_voter_id:
            registry, number = profile.state or voter.state, voter.state_voter_id
        else:
            registry, number = profile.name, voter.van_id or voter.county_voter_id
        return self._ids.voter_id(self._campaign_id, registry, number)


def _card(voter: ParsedVoter, zones: tuple[str, ...], lines: tuple[Line, ...]) -> Card:
    first_name, last_name = shown(voter.first_name), shown(voter.last_name)
    return Card(
        first_name=first_name,
        last_name=last_name,
        name=" ".join(part for part in (first_name, last_name, shown(voter.suffix)) if part),
        birth_date=voter.birth_date,
        birth_year=voter.birth_year,
        age=voter.age,
        party=voter.party or None,
        city=shown(voter.city) or None,
        state=voter.state,
        zones=zones,
        gender=voter.gender or None,
        lines=lines,
    )
