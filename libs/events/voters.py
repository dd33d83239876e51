"""The facts of voters: whom the file names, on which lines, in which universes. Ids only."""

from typing import Any, Literal

from libs.events.base import Event

TOPIC = "voters.events"

VOTERS_PER_FACT_MAX = 1_000


class VoterFileImportStarted(
    Event, type="voters.voter-file-import-started", version=1, key="import_id"
):
    """A voter file was received whole and stored sealed; a worker will read it."""

    campaign_id: str
    import_id: str
    profile: str


class VoterFileImportHeld(Event, type="voters.voter-file-import-held", version=1, key="import_id"):
    """A voter file waits for a human before a row is taken over: it was asked for, or has shrunk.

    `rows_before` and `import_id_before` are those of the last whole file of its kind, if any.
    `voters_missing`, absent in older facts, are the voters on file in its counties whom a whole
    file does not name; where they are too many, `reason` is "fewer_rows" too.
    """

    campaign_id: str
    import_id: str
    profile: str
    reason: Literal["preview", "fewer_rows"]
    rows: int
    rows_before: int | None = None
    import_id_before: str | None = None
    voters_missing: int | None = None


class VoterFileImportConfirmed(
    Event, type="voters.voter-file-import-confirmed", version=1, key="import_id"
):
    """A human looked at a held voter file and had it imported."""

    campaign_id: str
    import_id: str
    confirmed_by: str


class VoterFileImported(Event, type="voters.voter-file-imported", version=1, key="import_id"):
    """A voter file was read to its end; rejected rows are kept with their reasons."""

    campaign_id: str
    import_id: str
    profile: str
    rows_read: int
    rows_kept: int
    rows_changed: int
    rows_rejected: int


class VoterFileImportStopped(
    Event, type="voters.voter-file-import-stopped", version=1, key="import_id"
):
    """An import ended before its file's end: thrown away, cancelled, or it could not be read."""

    campaign_id: str
    import_id: str
    reason: str


class VoterImported(Event, type="voters.voter-imported", version=1, key="voter_id"):
    """A person came onto the campaign's file.

    `zones` are the candidate time zones of the residence, `digest` a keyed digest of the version
    of the person's data that the vault holds, `fictional` says that every line is a 555-01xx one.
    `withheld_line_ids` stand in the file too, but calls said that they are not this voter's.
    """

    campaign_id: str
    voter_id: str
    line_ids: tuple[str, ...]
    state: str
    zones: tuple[str, ...]
    fictional: bool
    person_version: int
    digest: str
    import_id: str
    withheld_line_ids: tuple[str, ...] = ()


class VoterChanged(Event, type="voters.voter-changed", version=1, key="voter_id"):
    """A later file or a call changed what the vault holds of a person; same fields as imported."""

    campaign_id: str
    voter_id: str
    line_ids: tuple[str, ...]
    state: str
    zones: tuple[str, ...]
    fictional: bool
    person_version: int
    digest: str
    import_id: str
    withheld_line_ids: tuple[str, ...] = ()


class VoterLineUnlinked(Event, type="voters.voter-line-unlinked", version=1, key="voter_id"):
    """A number turned out not to be this voter's."""

    campaign_id: str
    voter_id: str
    line_id: str
    call_id: str


class VoterLineRelinked(Event, type="voters.voter-line-relinked", version=1, key="voter_id"):
    """The result that said the number was not this voter's was a slip: it may be called again."""

    campaign_id: str
    voter_id: str
    line_id: str
    call_id: str


class VoterErased(Event, type="voters.voter-erased", version=1, key="voter_id"):
    """The vault destroyed the key of this person's data; no file brings the person back."""

    campaign_id: str
    voter_id: str


class VoterDataDisclosed(Event, type="voters.voter-data-disclosed", version=1, key="disclosure_id"):
    """The vault showed data of up to 1,000 people: for a list, an export, or deposited texts.

    What callers are shown is not among these: VoterAssigned is the record of that.
    """

    campaign_id: str
    disclosure_id: str
    actor: str
    purpose: Literal["list", "export", "deposits"]
    voter_ids: tuple[str, ...]


class LineSuspected(Event, type="voters.line-suspected", version=1, key="line_id"):
    """A line was reported disconnected once; one later check is due."""

    campaign_id: str
    line_id: str
    call_id: str


class LineRetired(Event, type="voters.line-retired", version=1, key="line_id"):
    """A line was reported disconnected again, or by a definite recording: nobody calls it again."""

    campaign_id: str
    line_id: str
    call_id: str


class LineReinstated(Event, type="voters.line-reinstated", version=1, key="line_id"):
    """The result that retired a line was a slip, and the others do not retire it by themselves."""

    campaign_id: str
    line_id: str
    call_id: str


class UniverseDefined(Event, type="voters.universe-defined", version=1, key="universe_id"):
    """A set of voters got a name; `selection` is the condition in words of the file.

    `funnel` says how many each condition removed (`condition, removed, left`), in their order.
    `voters` are to enter it; None in facts that did not say.
    """

    campaign_id: str
    universe_id: str
    name: str
    selection: dict[str, Any]
    funnel: tuple[dict[str, Any], ...] = ()
    voters: int | None = None


class UniverseEntered(Event, type="voters.universe-entered", version=1, key="universe_id"):
    """Up to 1,000 voters came into a universe."""

    campaign_id: str
    universe_id: str
    voter_ids: tuple[str, ...]


class UniverseLeft(Event, type="voters.universe-left", version=1, key="universe_id"):
    """Up to 1,000 voters left a universe."""

    campaign_id: str
    universe_id: str
    voter_ids: tuple[str, ...]
