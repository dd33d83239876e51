"""What an answer sheet comes to, with the script at hand and without."""

import pytest

from services.results.domain.answers import Given, Meanings, Question, understand

SCRIPT = {
    "support": Question("scale", ("1", "2", "3", "4", "5", "0")),
    "issue": Question("choice", ("schools", "roads")),
    "level": Question("scale", (1, 2, 3)),
    "votes": Question("yes_no"),
    "plan": Question("yes_no", ("early", "late")),
    "people": Question("number"),
    "why": Question("free_text"),
    "topics": Question("multiple_choice", ("schools", "roads", 3)),
    "visit": Question("date"),
    "later": Question("call_back"),
    "hello": Question("text"),
}
MEANINGS = Meanings("support", "volunteer")


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("issue", "roads", "roads"),
        ("issue", ["roads", "schools"], ("roads", "schools")),
        ("level", "2", 2),
        ("level", 2, 2),
        ("votes", True, True),
        ("votes", "no", False),
        ("plan", "early", "early"),
        ("people", 3, 3),
        ("people", 3.0, 3),
        ("people", 2.5, "2.5"),
        ("people", "4", 4),
        ("topics", ["schools", "3"], ("schools", "3")),
        ("visit", "2026-10-31", "2026-10-31"),
    ],
)
def test_an_answer_that_the_script_offers_is_kept(name, given, kept) -> None:
    sheet = understand({name: given}, SCRIPT, MEANINGS)
    assert sheet.answers == {name: kept}
    assert type(sheet.answers[name]) is type(kept)
    assert sheet.notes == []


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("issue", "parks"),
        ("issue", ["roads", "parks"]),
        ("level", 9),
        ("votes", "perhaps"),
        ("plan", "yes"),
        ("people", "many"),
        ("people", float("nan")),
        ("people", True),
        ("hello", "hi"),
        ("topics", ["schools", "parks"]),
        ("visit", "next week"),
        ("visit", "2026-02-30"),
        ("visit", 20261031),
        ("later", "tomorrow"),
        ("nothing_asked", "1"),
        ("support", "6"),
        ("support", True),
        ("volunteer", "perhaps"),
    ],
)
def test_an_answer_that_does_not_fit_is_left_with_a_note(name, given) -> None:
    sheet = understand({name: given}, SCRIPT, MEANINGS)
    assert (sheet.answers, sheet.texts, sheet.support, sheet.volunteer) == ({}, [], None, None)
    assert name in sheet.notes[0]


@pytest.mark.parametrize(
    ("given", "level"), [(1, 1), ("5", 5), ("0", 0), ("unsure", 0), ("3.0", 3), (2.0, 2)]
)
def test_support_is_a_level(given, level) -> None:
    sheet = understand({"support": given}, None, MEANINGS)
    assert sheet.support == level
    assert sheet.answers == {"support": str(level)}


@pytest.mark.parametrize(("given", "says"), [(True, True), ("no", False), ("Yes", True)])
def test_a_volunteer_says_yes_or_no(given, says) -> None:
    assert understand({"volunteer": given}, SCRIPT, MEANINGS).volunteer is says


def test_without_the_script_no_words_become_facts() -> None:
    given: dict[str, Given] = {
        "issue": "roads",
        "why": "bob next door",
        "people": 3,
        "votes": False,
    }
    sheet = understand(given, None, MEANINGS)
    assert sheet.answers == {"people": 3, "votes": False}
    assert sheet.texts == ["issue: roads", "why: bob next door"]
    assert sheet.notes == []


def test_nothing_said_is_nothing() -> None:
    sheet = understand({"issue": None, "why": "", "plan": []}, SCRIPT, MEANINGS)
    assert (sheet.answers, sheet.texts, sheet.notes) == ({}, [], [])
