"""Only the voter answers for the voter: the table of who said what, and what is kept of it."""

import pytest

from libs.events.results import Disposition
from services.results.domain.answers import Meanings, Question
from services.results.domain.errors import ResultInvalid
from services.results.domain.speaking import Heard, Marked, Promised, hear, seen_from
from tests.results.moments import at

MEANINGS = Meanings("support", "volunteer")
SCRIPT = {
    "support": Question("scale", ("1", "2", "3", "4", "5", "0")),
    "volunteer": Question("yes_no"),
    "issue": Question("choice", ("schools", "roads")),
    "why": Question("free_text"),
}


def heard(disposition: Disposition, spoke_with: str, **changed) -> Heard:
    marked = Marked("ann", disposition, **({"answers": {}} | changed))
    return hear(marked, seen_from("ann", spoke_with, ("ann", "bob")), SCRIPT, MEANINGS)


@pytest.mark.parametrize(
    ("marked", "from_ann", "from_bob", "from_somebody", "from_nobody"),
    [
        (
            Disposition.NOT_HOME,
            Disposition.NOT_HOME,
            Disposition.NOT_HOME,
            Disposition.NOT_HOME,
            Disposition.NOT_HOME,
        ),
        (Disposition.BUSY, Disposition.BUSY, Disposition.BUSY, Disposition.BUSY, Disposition.BUSY),
        (
            Disposition.REFUSED,
            Disposition.REFUSED,
            Disposition.NOT_HOME,
            Disposition.NOT_HOME,
            Disposition.NOT_HOME,
        ),
        (
            Disposition.CANVASSED,
            Disposition.CANVASSED,
            Disposition.NOT_HOME,
            Disposition.NOT_HOME,
            Disposition.NOT_HOME,
        ),
        (
            Disposition.DECEASED,
            Disposition.DECEASED,
            Disposition.DECEASED,
            Disposition.DECEASED,
            Disposition.DECEASED,
        ),
        (
            Disposition.MOVED,
            Disposition.MOVED,
            Disposition.MOVED,
            Disposition.MOVED,
            Disposition.MOVED,
        ),
        (
            Disposition.WRONG_NUMBER,
            Disposition.WRONG_NUMBER,
            Disposition.WRONG_NUMBER,
            Disposition.WRONG_NUMBER,
            Disposition.WRONG_NUMBER,
        ),
        (
            Disposition.DO_NOT_CALL,
            Disposition.DO_NOT_CALL,
            Disposition.DO_NOT_CALL,
            Disposition.DO_NOT_CALL,
            Disposition.DO_NOT_CALL,
        ),
        (
            Disposition.HUNG_UP,
            Disposition.HUNG_UP,
            Disposition.HUNG_UP,
            Disposition.HUNG_UP,
            Disposition.HUNG_UP,
        ),
    ],
)
def test_who_may_say_what(marked, from_ann, from_bob, from_somebody, from_nobody) -> None:
    speakers = {"ann": from_ann, "bob": from_bob, "other": from_somebody, "nobody": from_nobody}
    for speaker, kept in speakers.items():
        assert heard(marked, speaker).disposition is kept, speaker


def test_anns_support_is_not_bobs_to_tell() -> None:
    told = heard(Disposition.CANVASSED, "bob", answers={"support": 5, "volunteer": True})
    assert (told.support, told.volunteer, told.answers) == (None, None, {})
    assert told.spoke_with == "other_voter"
    assert told.hearsay == (
        "Somebody else answered support: 5. Somebody else answered volunteer: True.",
    )
    assert "Answers count only from the voter" in told.remarks[1]


def test_a_refusal_in_anothers_name_is_kept_as_hearsay() -> None:
    told = heard(Disposition.REFUSED, "bob")
    assert told.hearsay == ("Somebody else asked that this voter be left alone.",)
    assert "the voter is called again" in told.remarks[0]
    assert heard(Disposition.REFUSED, "bob", hearsay="She won't").hearsay == ("She won't",)


def test_nobody_said_nothing() -> None:
    assert heard(Disposition.REFUSED, "nobody").hearsay == ()


def test_the_voters_own_words_are_no_hearsay() -> None:
    told = heard(Disposition.CANVASSED, "ann", hearsay="Likes parks", notes="Kind")
    assert told.hearsay == ()
    assert told.notes == ("Kind", "Likes parks")


def test_a_five_before_leave_me_alone_counts() -> None:
    told = heard(Disposition.REFUSED, "ann", answers={"support": "5"})
    assert (told.disposition, told.support, told.answers) == (
        Disposition.REFUSED,
        5,
        {"support": "5"},
    )


def test_free_words_go_to_the_vault_and_not_into_facts() -> None:
    told = heard(Disposition.CANVASSED, "ann", answers={"why": "My aunt Zelda", "issue": "roads"})
    assert told.answers == {"issue": "roads"}
    assert told.notes == ("why: My aunt Zelda",)


def test_a_call_back_needs_a_time() -> None:
    with pytest.raises(ResultInvalid) as caught:
        heard(Disposition.CALL_BACK, "ann")
    assert str(caught.value).startswith("promise.at: ")
    assert (
        heard(Disposition.CALL_BACK, "bob", promised=Promised(at(60))).disposition
        is Disposition.CALL_BACK
    )


def test_a_stranger_to_the_line_is_not_somebody() -> None:
    with pytest.raises(ResultInvalid, match="spoke_with"):
        seen_from("ann", "zoe", ("ann", "bob"))
