"""The dispositions as one phone bank shows them: other words, another order, the same meanings."""

from libs.events.queue import ShownDisposition
from libs.events.results import Disposition
from services.queue.choices import choices_of, for_callers

FIRST = ["not_home", "busy", "wrong_number", "disconnected", "refused", "deceased", "canvassed"]


def test_the_first_seven_are_shown_at_once_by_default() -> None:
    shown = for_callers((), messages_allowed=True)
    assert [each["value"] for each in shown if each["default"]] == FIRST
    assert len(shown) == 13
    assert "left_message" not in [each["value"] for each in for_callers((), messages_allowed=False)]


def test_a_bank_renames_explains_orders_and_hides() -> None:
    settings = (
        ShownDisposition(value=Disposition.CANVASSED, label="Spoke", help="You spoke."),
        ShownDisposition(value=Disposition.BUSY, place="hidden"),
        ShownDisposition(value=Disposition.MOVED),
        ShownDisposition(value=Disposition.DECEASED, place="more"),
    )
    shown = for_callers(settings, messages_allowed=False)
    values = [each["value"] for each in shown]
    assert values[:4] == ["canvassed", "moved", "deceased", "not_home"]
    assert "busy" not in values
    first = shown[0]
    assert (first["label"], first["help"], first["default"]) == ("Spoke", "You spoke.", True)
    moved, deceased = shown[1], shown[2]
    assert (moved["label"], moved["default"], deceased["default"]) == ("Moved", True, False)
    # What it means for the household is no wording.
    assert next(each for each in shown if each["value"] == "not_home")["per_line"]


def test_the_form_lists_the_hidden_ones_too() -> None:
    hidden = (ShownDisposition(value=Disposition.BUSY, place="hidden"),)
    assert [each.place for each in choices_of(hidden) if each.choice.value == "busy"] == ["hidden"]
