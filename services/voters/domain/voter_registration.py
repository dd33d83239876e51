"""A person on a campaign's file: came with an import, changed, lost a line, was erased.

The stream is `voter-<campaign>-<voter>`; it knows ids and a keyed digest, never the person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from libs.decider import Decider
from libs.events.base import Event
from libs.events.voters import (
    VoterChanged,
    VoterErased,
    VoterImported,
    VoterLineRelinked,
    VoterLineUnlinked,
)
from services.voters.domain.errors import NoSuchVoter, PersonErased
from services.voters.domain.facts import NumberDisputed


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
    received_at: datetime


@dataclass(frozen=True, slots=True)
class RelinkLine:
    """That somebody else answered this call was a slip."""

    line_id: str
    call_id: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class EraseVoter:
    """The person is to be forgotten."""

    campaign_id: str
    voter_id: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """What a call said last of a number; `received_at` None: not known, it is an old one."""

    stands: bool = True
    fictional: bool = False
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class VoterOnFile:
    """What its facts made of it; `latest` is None before the first, `disputes` by line and call."""

    latest: VoterImported | VoterChanged | None = None
    disputes: Mapping[tuple[str, str], Dispute] = field(default_factory=dict)
    is_erased: bool = False

    @property
    def unlinked(self) -> frozenset[str]:
        """The lines that are not this voter's, whatever a file says."""
        return frozenset(line for (line, _), each in self.disputes.items() if each.stands)

    @property
    def person_version(self) -> int:
        """The version of the person's data that the vault holds; 0 before the first."""
        return self.latest.person_version if self.latest else 0

    def says_nothing_new(self, digest: str) -> bool:
        """Whether a file with this digest tells what is known."""
        return self.latest is not None and self.latest.digest == digest


Command = RegisterVoter | UnlinkLine | RelinkLine | EraseVoter


def evolve(voter: VoterOnFile, fact: object) -> VoterOnFile:
    """The voter after `fact`."""
    match fact:
        case VoterImported() | VoterChanged():
            return replace(voter, latest=fact)
        case VoterLineUnlinked(line_id=line_id, call_id=call_id):
            return _disputed(voter, line_id, call_id, Dispute())
        case NumberDisputed(line_id=line_id, call_id=call_id):
            dispute = Dispute(fact.stands, fact.fictional, fact.received_at)
            return _disputed(voter, line_id, call_id, dispute)
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
        case RelinkLine():
            return _relink(voter, command)
        case EraseVoter(campaign_id=campaign_id, voter_id=voter_id):
            if voter.latest is None:
                raise NoSuchVoter
            if voter.is_erased:
                return []
            # Without lines nobody is offered, also by readers who know nothing of erasing.
            gone = voter.latest.model_dump() | {
                "line_ids": (),
                "withheld_line_ids": (),
                "fictional": False,
            }
            return [
                VoterChanged(**gone),
                VoterErased(campaign_id=campaign_id, voter_id=voter_id),
            ]


def _register(voter: VoterOnFile, command: RegisterVoter) -> Sequence[Event]:
    if voter.is_erased:
        raise PersonErased
    if voter.says_nothing_new(command.digest):
        return []
    unlinked = voter.unlinked
    line_ids = tuple(line for line in command.line_ids if line not in unlinked)
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
            withheld_line_ids=tuple(line for line in command.line_ids if line in unlinked),
        )
    ]


def _unlink(voter: VoterOnFile, command: UnlinkLine) -> Sequence[Event]:
    latest, line_id = voter.latest, command.line_id
    if latest is None or voter.is_erased:
        return []
    known = voter.disputes.get((line_id, command.call_id))
    if known and (known.stands or _is_newer(known, command.received_at, or_as_new=True)):
        return []
    if line_id in voter.unlinked:
        return [_dispute(voter, latest, command, stands=True)]
    if line_id not in latest.line_ids:
        return []
    unlinked = VoterLineUnlinked(
        campaign_id=latest.campaign_id,
        voter_id=latest.voter_id,
        line_id=line_id,
        call_id=command.call_id,
    )
    line_ids = tuple(line for line in latest.line_ids if line != line_id)
    changed = _changed(
        latest,
        line_ids=line_ids,
        withheld_line_ids=(*latest.withheld_line_ids, line_id),
        fictional=bool(line_ids) and latest.fictional,
    )
    # Readers who only follow what is on the file need not know why a line went.
    return [unlinked, changed, _dispute(voter, latest, command, stands=True)]


def _relink(voter: VoterOnFile, command: RelinkLine) -> Sequence[Event]:
    """The line is the voter's again, and called last, unless another call says it is not."""
    latest, line_id = voter.latest, command.line_id
    known = voter.disputes.get((line_id, command.call_id))
    if latest is None or voter.is_erased or known is None or not known.stands:
        return []
    if _is_newer(known, command.received_at):
        return []
    slip = _dispute(voter, latest, command, stands=False)
    if line_id in evolve(voter, slip).unlinked:
        return [slip]
    relinked = VoterLineRelinked(
        campaign_id=latest.campaign_id,
        voter_id=latest.voter_id,
        line_id=line_id,
        call_id=command.call_id,
    )
    if line_id not in latest.withheld_line_ids:
        return [slip, relinked]  # A later file does not have the number.
    changed = _changed(
        latest,
        line_ids=(*latest.line_ids, line_id),
        withheld_line_ids=tuple(line for line in latest.withheld_line_ids if line != line_id),
        fictional=slip.fictional and (latest.fictional or not latest.line_ids),
    )
    return [slip, relinked, changed]


def _changed(latest: VoterImported | VoterChanged, **fields: object) -> VoterChanged:
    return VoterChanged.model_validate(latest.model_dump() | fields)


def _dispute(
    voter: VoterOnFile,
    latest: VoterImported | VoterChanged,
    command: UnlinkLine | RelinkLine,
    *,
    stands: bool,
) -> NumberDisputed:
    return NumberDisputed(
        campaign_id=latest.campaign_id,
        voter_id=latest.voter_id,
        line_id=command.line_id,
        call_id=command.call_id,
        stands=stands,
        fictional=_is_fictional(voter, latest, command.line_id),
        received_at=command.received_at,
    )


def _is_fictional(voter: VoterOnFile, latest: VoterImported | VoterChanged, line_id: str) -> bool:
    """Whether the line is known to be a made-up number, from when it was the voter's."""
    known = any(each.fictional for (line, _), each in voter.disputes.items() if line == line_id)
    return known or (latest.fictional and line_id in latest.line_ids)


def _disputed(voter: VoterOnFile, line_id: str, call_id: str, dispute: Dispute) -> VoterOnFile:
    return replace(voter, disputes={**voter.disputes, (line_id, call_id): dispute})


def _is_newer(known: Dispute, received_at: datetime, *, or_as_new: bool = False) -> bool:
    """Whether more is known of the call: a fact may be repeated after what corrected it."""
    at = known.received_at
    return at is not None and (received_at < at or (or_as_new and received_at == at))


VOTER: Decider[VoterOnFile, Command, object] = Decider(VoterOnFile, evolve, decide)


def stream_of(campaign_id: str, voter_id: str) -> str:
    """The stream of a voter in a campaign."""
    return f"voter-{campaign_id}-{voter_id}"
