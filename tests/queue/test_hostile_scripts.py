"""Texts made to be hard to read: each ends with a fault in words, and no work is done twice."""

from unittest.mock import patch

import pytest

from services.queue.domain import script_reader
from services.queue.domain.errors import ScriptInvalid
from services.queue.domain.script import BLOCKS_MAX, STEPS_MAX
from services.queue.domain.script_reader import read_script, script_of
from services.queue.domain.script_words import TEXT_LENGTH_MAX, slug
from tests.queue.test_script_text import END

SUPPORT = "? support: You?\n"


def filled(piece: str, before: str = "", after: str = "") -> str:
    """As many of these pieces as a text may hold."""
    return before + piece * ((TEXT_LENGTH_MAX - len(before) - len(after)) // len(piece)) + after


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (filled("x") + "x", 1, "30,000 characters at most, and this one has 30,001"),
        (filled("-> S2\n"), 1, "give the step a heading"),
        (filled("-> S2\n", "# S1\nHello!\n"), 4, "an -> already"),
        (filled("# S\nHello!\n-> S2\n"), 4, "a step of this name"),
        (filled("# \n# A-B\n-> S2\n"), 5, "a step of this name"),
        (filled("\n\nHello!"), 203, f"{BLOCKS_MAX} texts and questions at most"),
        (filled("? So?\n"), 101, f"{BLOCKS_MAX} texts and questions at most"),
        (filled("- A\n", "? choice: Which?\n"), 32, "30 answers at most"),
        (filled(" or a", "? choice q: Which?\n- A\n- B\n[if q = a", "]"), 4, "30 answers at most"),
        ("[if a = b]" * 2_000, 1, "One [if …] on a line"),
        (f"{SUPPORT}{'[if support = 1] ' * 1_000}Hello!\n{END}", 2, "One [if …] on a line"),
        (filled(" ", "[if a =", "x"), 1, "Write a condition like"),
        (filled("-is", "[if a"), 1, "Write a condition like"),
        (filled("[", "? choice: Which?\n- A = (", ")"), 2, "is no value"),
        (filled("9", "? choice: Which?\n- A = (", ")"), 2, "is no value"),
        (f"? choice: Which?\n- A = ({2**64})\n- B\n{END}", 2, "is no value"),
        (filled("{", after=END), 1, "5000 characters"),
        (filled("- \n"), 1, "needs a question above it"),
    ],
)
def test_a_hostile_text_ends_with_a_fault(text, line, sentence) -> None:
    reading = read_script(text)
    assert reading.script is None
    assert any(each.line == line and sentence in each.sentence for each in reading.errors), (
        reading.errors[:3]
    )
    with pytest.raises(ScriptInvalid):
        script_of(text)


def test_many_faults_are_told_in_part_and_the_last_says_that_there_is_more() -> None:
    errors = read_script(filled("- \n")).errors
    assert len(errors) == 51
    assert "the rest of the text has not been read" in errors[-1].sentence


def test_a_step_that_may_be_below_the_end_of_the_reading_is_not_called_missing() -> None:
    steps = "".join(f"# Step {number}\nHello!\n" for number in range(STEPS_MAX + 1))
    errors = read_script(f"# First\n-> Last\n{steps}# Last\nBye.\n{END}").errors
    assert [each.sentence for each in errors] == [
        f"A script has {STEPS_MAX} steps at most; put some together."
    ]


def test_where_answers_lead_is_found_with_one_look_at_each_step() -> None:
    """Twice the answers that lead somewhere cost one look more each, however many steps."""

    def looks(questions: int) -> int:
        offered = "".join(f"- A{place} -> The Last\n" for place in range(30))
        asked = f"? choice: Which?\n{offered}" * questions
        steps = "".join(f"# Step {number}\nHello!\n" for number in range(STEPS_MAX - 2))
        with patch.object(script_reader, "slug", wraps=slug) as counted:
            reading = read_script(f"# First\n{asked}{steps}# The Last\nBye.\n{END}")
        assert reading.errors == ()
        assert reading.script is not None
        assert reading.script["blocks"][0]["options"][0]["go_to"] == "the_last"
        calls: int = counted.call_count
        return calls

    assert looks(20) - looks(10) == 10 * 30
    assert looks(10) == STEPS_MAX + 10 * 30
