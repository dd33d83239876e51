"""What organizers send of a phone bank: a new one, changes of one, one like another."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from libs.events.queue import Purpose, ShownDisposition
from libs.hours import CallingHours
from services.queue.domain.bank_settings import (
    ATTEMPTS_MAX,
    BankChanges,
    Wording,
    settings_of,
)
from services.queue.domain.phone_bank import CreatePhoneBank, PhoneBank

Id = Annotated[str, Field(min_length=1, max_length=100)]
Organizations = Annotated[list[Id], Field(max_length=200)]
Dispositions = Annotated[list[ShownDisposition], Field(max_length=20)]


class NewPhoneBank(BaseModel):
    """What an organizer says of a new phone bank."""

    model_config = ConfigDict(extra="forbid")

    campaign_id: Id
    name: str
    candidate: str
    state: str
    purpose: Purpose
    universe_id: Id
    practice: bool = False
    hours: CallingHours | None = None
    organization_ids: Organizations = []
    messages_allowed: bool = False
    attempts_max: int = ATTEMPTS_MAX
    closes_at: AwareDatetime | None = None
    message_words: str = ""
    caller_note: str = ""
    dispositions: Dispositions = []

    def as_command(
        self, bank_id: str, at: datetime, script: dict[str, Any] | None = None
    ) -> CreatePhoneBank:
        """The command; `script` is the one to begin with."""
        return CreatePhoneBank(
            campaign_id=self.campaign_id,
            bank_id=bank_id,
            name=self.name,
            candidate=self.candidate,
            state=self.state,
            purpose=self.purpose,
            universe_id=self.universe_id,
            practice=self.practice,
            hours=self.hours,
            organization_ids=tuple(dict.fromkeys(self.organization_ids)),
            messages_allowed=self.messages_allowed,
            attempts_max=self.attempts_max,
            closes_at=self.closes_at,
            at=at,
            wording=Wording(self.message_words, self.caller_note, tuple(self.dispositions)),
            script=script,
        )


class ChangedPhoneBank(BaseModel):
    """Changes of a phone bank; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: str = ""
    candidate: str = ""
    purpose: Purpose = "identification"
    hours: CallingHours | None = None
    organization_ids: Organizations = []
    messages_allowed: bool = False
    attempts_max: int = ATTEMPTS_MAX
    closes_at: AwareDatetime | None = None
    message_words: str = ""
    caller_note: str = ""
    dispositions: Dispositions = []

    def as_changes(self) -> BankChanges:
        """The settings that were sent."""
        changes = BankChanges()
        for name in self.model_fields_set & BankChanges.__annotations__.keys():
            value = getattr(self, name)
            changes[name] = tuple(value) if isinstance(value, list) else value  # type: ignore[literal-required]  # a key of it.
        return changes


class LikePhoneBank(ChangedPhoneBank):
    """One phone bank more, like another but for what is sent."""

    state: str = ""
    universe_id: Id = "unsaid"
    practice: bool = False

    def as_new(self, source: PhoneBank, at: datetime) -> NewPhoneBank:
        """The whole of it. An end that is past is not taken over."""
        created = source.creation
        ends = created.closes_at
        taken_over = settings_of(created, source.wording) | {
            "campaign_id": created.campaign_id,
            "state": created.state,
            "universe_id": created.universe_id,
            "practice": created.practice,
            "closes_at": ends if ends is not None and ends > at else None,
        }
        said = {name: getattr(self, name) for name in self.model_fields_set}
        return NewPhoneBank.model_validate(taken_over | said)
