"""A person on a campaign's file: came with an import, changed, lost a line, was erased.

The stream is `voter-<campaign>-<voter>`; it knows ids and a keyed digest, never the person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from libs.decider import Decider
from libs.events.base import Event
from libs.events.voters import VoterChanged, VoterErased, VoterImported, VoterLineUnlinked
from services.voters.domain.errors import NoSuchVoter, PersonErased


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterVoter:
    """A file says this of a voter; `digest` stands for all of it, `line_ids` in calling order."""

    campaign_id: str
    voter_id: str
    line_ids: tuple[str, ...]
    fictional_line_ids: frozenset[str]
    state: str
    zones: tuple[str, ...]
    digest: str
    import_id: str


@dataclass(frozen=True, slots=True)
class UnlinkLine:
    """Somebody else answered: the number is not this voter's."""

    line_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class EraseVoter:
    """The person is to be forgotten."""

    campaign_id: str
    voter_id: str


@dataclass(frozen=True, slots=True)
class VoterOnFile:
    """What its facts made of it; `latest` is None before the first."""

    latest: VoterImported | VoterChanged | None = None
    unlinked: frozenset[str] = frozenset()
    is_erased: bool = False

    @property
    def person_version(self) -> int:
        """The version of the person's data that the vault holds; 0 before the first."""
        return self.latest.person_version if self.latest else 0

    def says_nothing_new(self, digest: str) -> bool:
        """Whether a file with this digest tells what is known."""
        return self.latest is not None and self.latest.digest == digest


Command = RegisterVoter | UnlinkLine | EraseVoter


def evolve(voter: VoterOnFile, fact: object) -> VoterOnFile:
    """The voter after `fact`."""
    match fact:
        case VoterImported() | VoterChanged():
            return replace(voter, latest=fact)
        case VoterLineUnlinked(line_id=line_id):
            return replace(voter, unlinked=voter.unlinked | {line_id})
        case VoterErased():
            return replace(voter, is_erased=True)
    return voter


def decide(voter: VoterOnFile, command: Command) -> Sequence[Event]:
    """Nothing where nothing is new; an unlinked line stays away whatever a file says."""
    match command:
        case RegisterVoter():
            return _register(voter, command)
        case UnlinkLine():
            return _unlink(voter, command)
        case EraseVoter(campaign_id=campaign_id, voter_id=voter_id):
            if voter.latest is None:
                raise NoSuchVoter
            if voter.is_erased:
                return []
            # Without lines nobody is offered, also by readers who know nothing of erasing.
            gone = voter.latest.model_dump() | {"line_ids": (), "fictional": False}
            return [
                VoterChanged(**gone),
                VoterErased(campaign_id=campaign_id, voter_id=voter_id),
            ]


def _register(voter: VoterOnFile, command: RegisterVoter) -> Sequence[Event]:
    if voter.is_erased:
        raise PersonErased
    if voter.says_nothing_new(command.digest):
        return []
    line_ids = tuple(line for line in command.line_ids if line not in voter.unlinked)
    kind = VoterChanged if voter.latest else VoterImported
    return [
        kind(
            campaign_id=command.campaign_id,
            voter_id=command.voter_id,
            line_ids=line_ids,
            state=command.state,
            zones=command.zones,
            fictional=bool(line_ids) and command.fictional_line_ids.issuperset(line_ids),
            person_version=voter.person_version + 1,
            digest=command.digest,
            import_id=command.import_id,
        )
    ]


def _unlink(voter: VoterOnFile, command: UnlinkLine) -> Sequence[Event]:
    latest = voter.latest
    if latest is None or voter.is_erased or command.line_id not in latest.line_ids:
        return []
    unlinked = VoterLineUnlinked(
        campaign_id=latest.campaign_id,
        voter_id=latest.voter_id,
        line_id=command.line_id,
        call_id=command.call_id,
    )
    line_ids = tuple(line for line in latest.line_ids if line != command.line_id)
    fields = latest.model_dump() | {"line_ids": line_ids}
    fields["fictional"] = bool(line_ids) and latest.fictional
    # Readers who only follow what is on the file need not know why a line went.
    return [unlinked, VoterChanged(**fields)]


VOTER: Decider[VoterOnFile, Command, object] = Decider(VoterOnFile, evolve, decide)


def stream_of(campaign_id: str, voter_id: str) -> str:
    """The stream of a voter in a campaign."""
    return f"voter-{campaign_id}-{voter_id}"
