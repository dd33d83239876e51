"""A selection of voters: conditions in words of the file, counted one after the other."""

from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from libs.database import Document
from services.voters.selectable import Selectable

CALLABLE_STATUSES = ("active", "inactive", "")
AGE_MAX = 130

State = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, pattern="^[A-Za-z]{2}$")
]
County = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Party = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, max_length=20)]
Age = Annotated[int, Field(ge=0, le=AGE_MAX)]
Level = Annotated[int, Field(ge=1, le=5)]
LEVELS = (1, 2, 3, 4, 5)


class Ages(BaseModel):
    """Ages that are reached in this calendar year, both ends included.

    The years of birth are all that lists are selected by; the days stay sealed.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)

    from_: Age = Field(default=0, alias="from")
    to: Age = AGE_MAX

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if self.from_ > self.to:
            raise ValueError("ages run from the younger to the older")
        return self


class LastAttempt(BaseModel):
    """Exactly one of: never called; not called since a moment, or never; called since it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    never: bool = False
    before: AwareDatetime | None = None
    since: AwareDatetime | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if [self.never, self.before is not None, self.since is not None].count(True) != 1:
            raise ValueError("say one of never, before and since")
        return self

    def condition(self) -> Document:
        """As a query of `selectable`, where a voter who was never called has no such field."""
        if self.never:
            return {"last_attempt_at": None}
        if self.before is not None:
            return {"last_attempt_at": {"$not": {"$gte": self.before}}}
        return {"last_attempt_at": {"$gte": self.since}}


class Selection(BaseModel):
    """Conditions that must all hold; one that is left out removes nobody.

    A party "" means voters of whom the file says nothing. Support is known where the voter gave a
    level from 1 to 5; one who would not say may be asked again. Voters whose registration is
    cancelled or of an unknown status are always left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: State | None = None
    counties: tuple[County, ...] = ()
    parties: tuple[Party, ...] = ()
    ages: Ages | None = None
    has_phone: bool | None = None
    last_attempt: LastAttempt | None = None
    support_known: bool | None = None
    support_levels: tuple[Level, ...] = ()
    fictional_only: bool = False

    @model_validator(mode="after")
    def _levels_are_known(self) -> Self:
        if self.support_levels and self.support_known is False:
            raise ValueError("support that is not known has no levels")
        return self

    def as_json(self) -> dict[str, Any]:
        """What was asked, without what was left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    def conditions(self, year: int) -> list[tuple[str, Document]]:
        """Each condition by name, as a query of `selectable`, in the order of the funnel."""
        found: list[tuple[str, Document]] = [
            ("status", {"status": {"$in": list(CALLABLE_STATUSES)}})
        ]
        if self.state is not None:
            found.append(("state", {"state": self.state}))
        if self.counties:
            names = [county.casefold() for county in self.counties]
            found.append(("counties", {"county": {"$in": names}}))
        if self.parties:
            found.append(("parties", {"party": {"$in": list(self.parties)}}))
        if self.ages is not None:
            born = {"$gte": year - self.ages.to, "$lte": year - self.ages.from_}
            found.append(("ages", {"birth_year": born}))
        if self.has_phone is not None:
            found.append(("has_phone", {"has_phone": self.has_phone}))
        if self.last_attempt is not None:
            found.append(("last_attempt", self.last_attempt.condition()))
        if self.support_levels:
            found.append(("support", {"support_level": {"$in": list(self.support_levels)}}))
        elif self.support_known is not None:
            asked = "$in" if self.support_known else "$nin"
            found.append(("support", {"support_level": {asked: list(LEVELS)}}))
        if self.fictional_only:
            found.append(("fictional_only", {"fictional": True}))
        return found

    def query(self, campaign_id: str, year: int) -> Document:
        """All conditions as one query."""
        query: Document = {"campaign_id": campaign_id}
        for _, condition in self.conditions(year):
            query |= condition
        return query


async def funnel(
    selectable: Selectable, campaign_id: str, selection: Selection, year: int
) -> list[dict[str, Any]]:
    """How many voters each condition removed, and how many were left; first, all of them."""
    query: Document = {"campaign_id": campaign_id}
    left = await selectable.count(query)
    steps: list[dict[str, Any]] = [{"condition": "on_file", "removed": 0, "left": left}]
    for name, condition in selection.conditions(year):
        query = query | condition
        now_left = await selectable.count(query)
        steps.append({"condition": name, "removed": left - now_left, "left": now_left})
        left = now_left
    return steps
