"""A voter's stream: came, changed, lost a line, was erased."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from libs.events.voters import (
    VoterChanged,
    VoterErased,
    VoterImported,
    VoterLineRelinked,
    VoterLineUnlinked,
)
from services.voters.domain.errors import NoSuchVoter, PersonErased
from services.voters.domain.facts import NumberDisputed
from services.voters.domain.voter_registration import (
    VOTER,
    EraseVoter,
    RegisterVoter,
    RelinkLine,
    UnlinkLine,
)
from tests.support.spec import Asked, spec

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)

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


def unlink(call_id: str, minutes: float = 0) -> UnlinkLine:
    return UnlinkLine("l1", call_id, NOON + timedelta(minutes=minutes))


def relink(call_id: str, minutes: float) -> RelinkLine:
    return RelinkLine("l1", call_id, NOON + timedelta(minutes=minutes))


def disputed(call_id: str, minutes: float = 0, *, stands: bool = True) -> NumberDisputed:
    return NumberDisputed(
        campaign_id="c",
        voter_id="v",
        line_id="l1",
        call_id=call_id,
        stands=stands,
        fictional=False,
        received_at=NOON + timedelta(minutes=minutes),
    )


def kinds(asked: Asked) -> list[type]:
    return [type(fact) for fact in asked.facts()]


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
    changed = altered(line_ids=("l2",), withheld_line_ids=("l1",))
    ON_FILE.when(unlink("k")).then(unlinked, changed, disputed("k"))
    ON_FILE.done(unlink("k")).when(unlink("k")).then()
    ON_FILE.done(unlink("k")).when(unlink("k", 5)).then()
    ON_FILE.when(UnlinkLine("never-theirs", "k", NOON)).then()
    spec(VOTER).when(unlink("k")).then()


def test_a_slip_gives_the_number_back_to_be_called_last() -> None:
    relinked = VoterLineRelinked(campaign_id="c", voter_id="v", line_id="l1", call_id="k")
    slip = ON_FILE.done(unlink("k"))
    slip.when(relink("k", 1)).then(
        disputed("k", 1, stands=False), relinked, altered(line_ids=("l2", "l1"))
    )
    slip.done(relink("k", 1)).when(relink("k", 1)).then()
    ON_FILE.when(relink("k", 1)).then()


def test_a_number_that_another_call_disputes_too_stays_away() -> None:
    two = ON_FILE.done(unlink("k"), unlink("k2", 1))
    two.when(relink("k", 2)).then(disputed("k", 2, stands=False))
    assert VoterLineRelinked in kinds(two.done(relink("k", 2)).when(relink("k2", 3)))
    assert VoterLineRelinked in kinds(two.done(relink("k2", 2)).when(relink("k", 3)))


def test_a_result_that_comes_again_after_its_correction_changes_nothing() -> None:
    corrected = ON_FILE.done(unlink("k"), relink("k", 1))
    corrected.when(unlink("k")).then()
    corrected.when(unlink("k", 1)).then()
    assert VoterLineUnlinked in kinds(corrected.when(unlink("k", 2)))
    ON_FILE.done(unlink("k", 3)).when(relink("k", 2)).then()


def test_what_a_later_file_says_of_the_number_counts() -> None:
    without = ON_FILE.done(unlink("k"), replace(AGAIN, line_ids=("l2",)))
    assert kinds(without.when(relink("k", 1))) == [NumberDisputed, VoterLineRelinked]
    with_it = ON_FILE.done(unlink("k"), AGAIN).when(relink("k", 1)).facts()[-1]
    assert with_it.line_ids == ("l2", "l1")
    assert (with_it.person_version, with_it.withheld_line_ids) == (2, ())
    # From now on files bring it again.
    again = replace(AGAIN, digest="d3", import_id="i3")
    back = without.done(relink("k", 1)).when(again).facts()[0]
    assert back.line_ids == ("l1", "l2")


def test_only_made_up_numbers_make_a_voter_fictional_again() -> None:
    all_made_up = replace(REGISTER, fictional_line_ids=frozenset({"l1", "l2"}))
    for first, fictional in ((all_made_up, True), (REGISTER, False)):
        voter = spec(VOTER).done(first, unlink("k"), unlink("k2", 1), relink("k", 2))
        assert voter.when(relink("k2", 3)).facts()[-1].fictional is fictional
    alone = spec(VOTER).done(replace(all_made_up, line_ids=("l1",)), unlink("k"))
    assert not alone.when(replace(AGAIN, line_ids=("l1",))).facts()[0].fictional
    assert alone.when(relink("k", 1)).facts()[-1].fictional


def test_no_file_links_a_wrong_number_again() -> None:
    ON_FILE.done(unlink("k")).when(AGAIN).then(
        altered(
            line_ids=("l2",),
            withheld_line_ids=("l1",),
            fictional=True,
            person_version=2,
            digest="d2",
            import_id="i2",
        )
    )


def test_unlinking_changes_nothing_about_the_person() -> None:
    ON_FILE.done(unlink("k")).when(REGISTER).then()


def test_an_erased_voter_has_no_lines_and_comes_back_by_no_file() -> None:
    erasing = EraseVoter("c", "v")
    erased = VoterErased(campaign_id="c", voter_id="v")
    ON_FILE.when(erasing).then(altered(line_ids=()), erased)
    gone = ON_FILE.done(erasing)
    gone.when(erasing).then()
    gone.when(AGAIN).then_refused(PersonErased)
    gone.when(REGISTER).then_refused(PersonErased)
    gone.when(unlink("k")).then()
    unlinked = ON_FILE.done(unlink("k"), erasing)
    changed = ON_FILE.done(unlink("k")).when(erasing).facts()[0]
    assert (changed.line_ids, changed.withheld_line_ids) == ((), ())
    unlinked.when(relink("k", 1)).then()


def test_nobody_cannot_be_erased() -> None:
    spec(VOTER).when(EraseVoter("c", "v")).then_refused(NoSuchVoter)
