"""A selection of voters: conditions in words of the file, counted one after the other."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

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


class Selection(BaseModel):
    """Conditions that must all hold; one that is left out removes nobody.

    A party "" means voters of whom the file says nothing. Voters whose registration is cancelled
    or of an unknown status are always left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: State | None = None
    counties: tuple[County, ...] = ()
    parties: tuple[Party, ...] = ()
    ages: Ages | None = None
    has_phone: bool | None = None
    fictional_only: bool = False

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
