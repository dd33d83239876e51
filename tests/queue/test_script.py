"""A script: fit to publish or not, and how names go into its words."""

from typing import Any

import pytest

from deploy.demo.script import DEMO_SCRIPT
from services.queue.domain.errors import ScriptInvalid
from services.queue.domain.script import MergedScript, validate

HELLO = {"id": "hello", "kind": "text", "text": "Hello!"}
SUPPORT = {
    "id": "support",
    "kind": "scale",
    "text": "May we count on you?",
    "meaning": "support",
    "options": [{"value": "1", "label": "Yes"}, {"value": "5", "label": "No"}],
}


def script(*blocks: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A script that is fit, but for what a test says of it."""
    return {"blocks": list(blocks), "thanks": "Thank you!", "paid_for_by": "Us."} | changes


def test_the_demos_script_is_fit_and_stored_as_it_will_be_read_again() -> None:
    stored = validate(DEMO_SCRIPT)
    assert validate(stored) == stored
    merged = MergedScript(1, stored)
    assert (merged.support_question, merged.volunteer_question) == ("support", "volunteer")


@pytest.mark.parametrize(
    ("unfit", "place"),
    [
        (script(), "blocks"),
        (script(HELLO) | {"thanks": ""}, "thanks"),
        ({"blocks": [HELLO], "thanks": "Thank you!"}, "paid_for_by"),
        (script(HELLO, HELLO), "two blocks are named hello"),
        (script({**SUPPORT, "options": []}), "at least two options"),
        (script({**HELLO, "options": SUPPORT["options"]}), "has no options"),
        (script({**HELLO, "kind": "dance"}), "blocks.0.kind"),
        (script({**HELLO, "id": "a b"}), "blocks.0.id"),
        (script({**HELLO, "text": "Hi {voter.phone}"}), "is no field"),
        (script(SUPPORT, {**SUPPORT, "id": "again"}), "only one question may mean support"),
        (script({**SUPPORT, "meaning": "volunteer"}), "is a yes_no"),
        (
            script({**SUPPORT, "options": [{"value": "9", "label": "!"}, *SUPPORT["options"]]}),
            "values 1 to 5",
        ),
        (
            script({**SUPPORT, "options": [SUPPORT["options"][0]] * 2}),
            "a value of its own",
        ),
        (
            script({**SUPPORT, "show_if": {"block": "hello", "value": "1"}}, HELLO),
            "no question before it",
        ),
        (
            script(SUPPORT, {**HELLO, "show_if": {"block": "support", "value": "2"}}),
            "does not offer",
        ),
        (script(HELLO, candidate_site="http://insecure.example.org"), "candidate_site"),
        (script(HELLO, colour="red"), "colour"),
    ],
)
def test_what_does_not_fit_is_named(unfit, place) -> None:
    with pytest.raises(ScriptInvalid, match=place):
        validate(unfit)


def test_names_go_in_and_what_is_missing_is_said_around() -> None:
    text = "{voter.first_name|friend} of {voter.city}, {caller.first_name} for {candidate|us}"
    merged = MergedScript(3, validate(script({**HELLO, "text": text}, thanks="Bye {candidate}!")))
    full = merged.filled(
        {
            "voter.first_name": "Ann",
            "voter.city": "Erie",
            "caller.first_name": "Casper",
            "candidate": "Ida",
        }
    )
    assert full["version"] == 3
    assert full["blocks"][0]["text"] == "Ann of Erie, Casper for Ida"
    assert full["thanks"] == "Bye Ida!"
    bare = merged.filled({"voter.first_name": None, "voter.city": ""})
    assert bare["blocks"][0]["text"] == "friend of your town, a volunteer for us"
    assert bare["thanks"] == "Bye our candidate!"


def test_a_name_is_never_read_as_a_field() -> None:
    merged = MergedScript(1, validate(script({**HELLO, "text": "Hi {voter.first_name}"})))
    filled = merged.filled({"voter.first_name": "{candidate}", "candidate": "Ida"})
    assert filled["blocks"][0]["text"] == "Hi {candidate}"


def test_filling_in_names_leaves_the_script_for_the_next_voter() -> None:
    options = [{"value": "1", "label": "{candidate}"}, {"value": "2", "label": "Other"}]
    merged = MergedScript(1, validate(script({**SUPPORT, "options": options})))
    for name in ("Ida", "Eve"):
        filled = merged.filled({"candidate": name})
        first = filled["blocks"][0]["options"][0]
        assert first == {"value": "1", "label": name, "go_to": None}
