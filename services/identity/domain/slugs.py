"""A name as part of an address."""

import re
import unicodedata

from services.identity.domain.errors import FieldInvalid

SLUG_LENGTH_MAX = 80


def slug_of(name: str) -> str:
    """`DVC - Palo Alto`, with whatever dash, as `dvc-palo-alto`; empty without letter or digit."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", "-", kept).strip("-")[:SLUG_LENGTH_MAX].strip("-")


def checked_slug(slug: str | None, name: str) -> str:
    """The slug asked for, or the name's. Raises FieldInvalid when nothing is left of it."""
    found = slug_of(slug or name)
    if not found:
        raise FieldInvalid("slug", "Use at least one letter or digit.")
    return found
