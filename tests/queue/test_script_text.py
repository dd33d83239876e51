"""A script as organizers write it: read with its faults by line, and written so that it returns."""

import pytest
from hypothesis import assume, given, settings

from deploy.demo.script import DEMO_SCRIPT
from services.queue.domain.errors import ScriptInvalid
from services.queue.domain.script import parse, validate
from services.queue.domain.script_faults import warnings_of
from services.queue.domain.script_reader import read_script, script_of
from services.queue.domain.script_writer import as_text
from services.queue.set_up import STARTER
from tests.queue.scripts import scripts

END = """
## Thanks
Thank you, {first_name|friend}!

## Who is calling
Calling for Ida Marlowe. Paid for by Friends of Ida Marlowe.
"""
BRANCHING = f"""
# Opening
Hello, may I speak with {{first_name|the voter}}? This is {{my_name|a volunteer}}.
I am calling for {{candidate}}.

? support: May we count on your vote?
- Surely
- Leaning
- Undecided -> Issues
- Leaning other -> end
- Surely other -> the end
- Would not say

# Helping
[if support <= 2] Wonderful, thank you!
[if support = 1]
? volunteer: Will you help us?
-> end

# Issues
? several issues: What matters to you?
- Schools
- Health care = health
- "A = B"

? choice: And most of all?
- This
- That

[if issues = schools or health]
? date visit: When may we come by?
? number people: How many are you?
? words why: Why is that?
? call-back later: When may we call again?
? yes-no sign: A sign for your lawn?
- Yes -> end
- No
? scale trust: How far do you trust the count?
{END}
"""


@settings(max_examples=150, deadline=None)
@given(scripts())
def test_a_script_comes_back_from_its_text_as_it_was(script) -> None:
    stored = validate(script)
    assume(not any(dots in stored["paid_for_by"] for dots in ("…", "...")))
    reading = read_script(as_text(stored))
    assert reading.errors == ()
    assert reading.script == stored


def test_the_demos_script_comes_back_too_and_reads_well() -> None:
    text = as_text(DEMO_SCRIPT)
    assert script_of(text) == validate(DEMO_SCRIPT)
    assert "- Undecided\n" in text
    assert "? volunteer: We win by neighbours" in text
    assert "{first_name}" in text


def test_what_an_organizer_writes_becomes_steps_questions_and_branches() -> None:
    script = parse(script_of(BRANCHING))
    assert [(step.id, step.then) for step in script.steps] == [
        ("opening", None),
        ("helping", "end"),
        ("issues", None),
    ]
    blocks = {block.id: block for block in script.blocks}
    opening = blocks["text_1"]
    assert opening.text.startswith("Hello, may I speak with {voter.first_name|the voter}?")
    assert opening.text.endswith("\nI am calling for {candidate}.")
    support = blocks["support"]
    assert (support.kind, support.meaning) == ("scale", "support")
    assert [(option.value, option.go_to) for option in support.options] == [
        ("1", None),
        ("2", None),
        ("3", "issues"),
        ("4", "end"),
        ("5", "end"),
        ("0", None),
    ]
    wonderful = blocks["text_2"].show_if
    assert wonderful is not None
    assert (wonderful.block, wonderful.test, wonderful.value) == ("support", "at_most", "2")
    assert (blocks["volunteer"].kind, blocks["volunteer"].meaning) == ("yes_no", "volunteer")
    issues = [(option.value, option.label) for option in blocks["issues"].options]
    assert issues == [("schools", "Schools"), ("health", "Health care"), ("a_b", "A = B")]
    assert blocks["question_4"].kind == "choice"
    visit = blocks["visit"]
    assert visit.kind == "date"
    assert visit.show_if is not None
    assert visit.show_if.values == ("schools", "health")
    kinds = {name: blocks[name].kind for name in ("people", "why", "later", "sign", "trust")}
    assert kinds == {
        "people": "number",
        "why": "free_text",
        "later": "call_back",
        "sign": "yes_no",
        "trust": "scale",
    }
    assert [option.value for option in blocks["sign"].options] == [True, False]
    assert [option.label for option in blocks["trust"].options] == ["1", "2", "3", "4", "5"]
    assert script.thanks == "Thank you, {voter.first_name|friend}!"


def test_a_bare_question_is_a_choice_where_answers_follow_and_else_a_yes_or_no() -> None:
    script = parse(
        script_of(f"? Tea or coffee?\n- Tea\n- Coffee\n? Sugar?\n? support: You?\n{END}")
    )
    assert [block.kind for block in script.blocks] == ["choice", "yes_no", "scale"]
    assert script.blocks[2].options[0].label == "Surely {candidate}"


def test_a_backslash_says_what_would_else_mean_something() -> None:
    script = parse(script_of(f"\\# 1 in the county\n\\- really\n\\\n\\? yes\n{END}"))
    (block,) = script.blocks
    assert block.text == "# 1 in the county\n- really\n\n? yes"


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (END, 1, "Write what to say first"),
        ("Hello!\n## Thanks\nThanks!", 3, "add ## Who is calling"),
        ("Hello!\n## Who is calling\nUs. Paid for by us.", 3, "add ## Thanks"),
        (f"Hello!\n## Thanks\nBye!\n{END}", 5, "is there already"),
        (f"Hello!\n## Weather\n{END}", 2, "“Weather” is no part"),
        (f"Hello!\n? chioce: Which?\n- A\n- B\n{END}", 2, "“chioce” is no kind of question"),
        (f"Hello!\n- Tea\n{END}", 2, "needs a question above it"),
        (f"Hello!\n\n? choice: Which?\n- A\n{END}", 3, "“choice” needs at least two"),
        (f"Hello!\n\n? choice: Which?\n- A\n- A\n{END}", 3, "a value of its own"),
        (f"Hello!\n? number: How many?\n- A\n{END}", 2, "“number” has no options"),
        (f"? choice:\n- A\n- B\n{END}", 1, "Words are missing"),
        (f"# One\nHello!\n? choice: Which?\n- A -> Nowhere\n- B\n{END}", 4, "no step “Nowhere”"),
        (f"# One\nHi!\n# Two\n? yes-no: So?\n- Yes -> One\n- No\n{END}", 4, "forward only"),
        (f"# One\nHi!\n-> two\nMore.\n# Two\nHo!\n{END}", 4, "ends its step"),
        (f"# One\nHi!\n-> two\n-> two\n# Two\nHo!\n{END}", 4, "an -> already"),
        (f"Hello!\n-> end\n{END}", 2, "give the step a heading"),
        (f"# One\nHi!\n# One\nHo!\n{END}", 3, "a step of this name"),
        (f"Hello!\n[if support <= 2] Great!\n{END}", 2, "is no question before it"),
        (f"? support: You?\n[if support = 9] Great!\n{END}", 2, "does not offer"),
        (f"? words why: Why?\n[if why <= 2] Great!\n{END}", 2, "is no scale or number"),
        (f"? support: You?\n[if support] Great!\n{END}", 2, "Write a condition like"),
        (f"? support: You?\n[if support = 1]\n{END}", 2, "Nothing follows"),
        (f"Hello!\n@opening\n{END}", 2, "there is none"),
        (f"@a/b\nHello!\n{END}", 1, "is no name"),
        (f"Hello!\n\n? yes-no x: So?\n? yes-no x: And so?\n{END}", 4, "name of something above"),
        (f"Hello, {{phone}}!\n{END}", 1, "{phone} is no field; there are {first_name}"),
        (f"? support a: You?\n? support b: And you?\n{END}", 2, "may mean support"),
        (f"? support: You?\n- One = 9\n- Two = 1\n{END}", 1, "values 1 to 5"),
        (f"? several: Which?\n- A -> end\n- B\n{END}", 1, "leads nowhere"),
        (f'? choice: Which?\n- "A\n- B\n{END}', 2, "quotation marks do not end"),
        (f"? choice: Which?\n- A = (x)\n- B\n- C\n{END}", 2, "is no value"),
        ("Hi!\n## Thanks\nThank you!\n## Paid for by\n\nUs.\nPaid for by …", 7, "Fill in the dots"),
        ("Hi!\n## Who is calling\nI am ... of Us.\n## Thanks\nThank you!", 3, "Fill in the dots"),
        (f"Hello!\n{END}\n## Website\nhttp://plain.example.org", 9, "begins with https://"),
    ],
)
def test_each_fault_has_its_line_and_a_sentence(text, line, sentence) -> None:
    errors = read_script(text).errors
    assert errors
    assert read_script(text).script is None
    assert (errors[0].line, sentence in errors[0].sentence) == (line, True), errors
    with pytest.raises(ScriptInvalid, match=rf"^Line {line}: "):
        script_of(text)


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (f"Hello!\n{END}", 1, "No question asks for support"),
        (f"# A\nHello!\nMy name is … and\n{END}", 3, "There are dots here"),
        ("Hi!\n## Thanks\nThank you, ...\n## Who is calling\nUs.", 2, "There are dots here"),
        (f"? support: You?\n{END}", 1, "Nobody is asked to volunteer"),
        ("Hi!\n## Thanks\nBye.\n## Who is calling\nPaid for by us.", 2, "does not thank"),
        ("Hi!\n## Thanks\nThank you!\n## Who is calling\nUs.", 4, "who pays"),
        (f"# A\nHi!\n-> C\n# B\nLost.\n# C\nHo!\n{END}", 4, "Nothing leads to the step “B”"),
        (
            f"# A\n? yes-no: So?\n- Yes -> end\n- No -> C\n# B\nLost.\n# C\nHo!\n{END}",
            5,
            "Nothing leads to the step “B”",
        ),
        (f"# A\nHi!\n# B\n{END}", 3, "“B” says nothing"),
        (f"# A\nHi!\n# B\n-> end\n{END}", 3, "without a word"),
        (f"Hello!\n\nHi {{first_name}}!\n{END}", 3, "{first_name|there}"),
        ("Hi!\n## Thanks\nThank you, {city}!\n## Who is calling\nPaid for by us.", 2, "{city}"),
    ],
)
def test_what_callers_may_stumble_over_is_said_before_they_do(text, line, sentence) -> None:
    reading = read_script(text)
    assert reading.errors == ()
    found = warnings_of(parse(reading.script or {}), reading.lines)
    assert [each.line for each in found if sentence in each.sentence] == [line], found


def test_the_text_to_begin_with_cannot_be_published_before_its_dots_are_filled_in() -> None:
    (fault,) = read_script(STARTER).errors
    assert "Paid for by …" in STARTER.split("\n")[fault.line - 1]
    filled_in = STARTER.replace("Paid for by …", "Paid for by Friends of Ida Marlowe.")
    reading = read_script(filled_in)
    (warning,) = [
        each
        for each in warnings_of(parse(reading.script or {}), reading.lines)
        if "dots" in each.sentence
    ]
    assert "My name is …" in STARTER.split("\n")[warning.line - 1]


def test_a_sound_script_has_nothing_to_stumble_over() -> None:
    reading = read_script(BRANCHING)
    assert warnings_of(parse(reading.script or {}), reading.lines) == []


def test_a_text_that_is_one_long_line_is_read_in_no_time() -> None:
    for line in ("- " + " " * 29_000 + "x", "- a" + " -> " * 7_000, "[if a = " + " or " * 7_000):
        assert read_script(f"? choice: Which?\n{line}\n{END}").errors
