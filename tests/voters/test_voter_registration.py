"""A voter's stream: came, changed, lost a line, was erased."""

from dataclasses import replace

from libs.events.voters import VoterChanged, VoterErased, VoterImported, VoterLineUnlinked
from services.voters.domain.errors import NoSuchVoter, PersonErased
from services.voters.domain.voter_registration import (
    VOTER,
    EraseVoter,
    RegisterVoter,
    UnlinkLine,
)
from tests.support.spec import spec

REGISTER = RegisterVoter(
    campaign_id="c",
    voter_id="v",
    line_ids=("l1", "l2"),
    fictional_line_ids=frozenset({"l2"}),
    state="PA",
    zones=("America/New_York",),
    digest="d1",
    import_id="i1",
)
AGAIN = replace(REGISTER, digest="d2", import_id="i2")
IMPORTED = VoterImported(
    campaign_id="c",
    voter_id="v",
    line_ids=("l1", "l2"),
    state="PA",
    zones=("America/New_York",),
    fictional=False,
    person_version=1,
    digest="d1",
    import_id="i1",
)


def altered(**fields: object) -> VoterChanged:
    return VoterChanged(**(IMPORTED.model_dump() | fields))


ON_FILE = spec(VOTER).given(IMPORTED)


def test_the_first_row_brings_a_voter_onto_the_file() -> None:
    spec(VOTER).when(REGISTER).then(IMPORTED)


def test_the_same_digest_tells_nothing_new_whatever_the_import() -> None:
    ON_FILE.when(replace(REGISTER, import_id="i2")).then()


def test_another_digest_is_the_next_version() -> None:
    ON_FILE.when(AGAIN).then(altered(person_version=2, digest="d2", import_id="i2"))


def test_a_voter_is_fictional_when_every_line_is_and_there_is_one() -> None:
    both = replace(REGISTER, fictional_line_ids=frozenset({"l1", "l2"}))
    assert [fact.fictional for fact in spec(VOTER).when(both).facts()] == [True]
    none = replace(REGISTER, line_ids=(), fictional_line_ids=frozenset())
    assert [fact.fictional for fact in spec(VOTER).when(none).facts()] == [False]


def test_a_wrong_number_leaves_the_voter() -> None:
    unlinked = VoterLineUnlinked(campaign_id="c", voter_id="v", line_id="l1", call_id="k")
    ON_FILE.when(UnlinkLine("l1", "k")).then(unlinked, altered(line_ids=("l2",)))
    ON_FILE.done(UnlinkLine("l1", "k")).when(UnlinkLine("l1", "k2")).then()
    ON_FILE.when(UnlinkLine("never-theirs", "k")).then()
    spec(VOTER).when(UnlinkLine("l1", "k")).then()


def test_no_file_links_a_wrong_number_again() -> None:
    ON_FILE.done(UnlinkLine("l1", "k")).when(AGAIN).then(
        altered(line_ids=("l2",), fictional=True, person_version=2, digest="d2", import_id="i2")
    )


def test_unlinking_changes_nothing_about_the_person() -> None:
    ON_FILE.done(UnlinkLine("l1", "k")).when(REGISTER).then()


def test_an_erased_voter_has_no_lines_and_comes_back_by_no_file() -> None:
    erasing = EraseVoter("c", "v")
    erased = VoterErased(campaign_id="c", voter_id="v")
    ON_FILE.when(erasing).then(altered(line_ids=()), erased)
    gone = ON_FILE.done(erasing)
    gone.when(erasing).then()
    gone.when(AGAIN).then_refused(PersonErased)
    gone.when(REGISTER).then_refused(PersonErased)
    gone.when(UnlinkLine("l1", "k")).then()


def test_nobody_cannot_be_erased() -> None:
    spec(VOTER).when(EraseVoter("c", "v")).then_refused(NoSuchVoter)
