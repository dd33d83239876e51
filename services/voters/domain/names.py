"""A voter's name: shown as people write it, compared without accents, case and punctuation."""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]+")
_NUMERAL = re.compile(r"(?:II|III|IV|VI{0,3}|IX)\b", re.IGNORECASE)
_SUFFIX = re.compile(r",?\s+(jr|sr|ii|iii|iv)\.?$", re.IGNORECASE)
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})  # noqa: RUF001 - the very ones
_NO_NAME = frozenset({"NMN", "NMI", "(NMN)", "NONE"})
_MC_LETTERS = 4


@lru_cache(maxsize=65_536)
def shown(name: str) -> str:
    """A name in capitals as people write it (`O'Neill-García`, `McYarrow`); others unchanged."""
    if not name.isupper():
        return name
    return _WORD.sub(lambda found: _capitalised(found.group(), name, found.start()), name)


def _capitalised(word: str, name: str, start: int) -> str:
    if start and _NUMERAL.fullmatch(word):
        return word
    if start and name[start - 1] in "'’" and len(word) == 1:  # noqa: RUF001 - both occur in files
        return word.lower()
    if word.startswith("MC") and len(word) >= _MC_LETTERS:
        return "Mc" + word[2:].capitalize()
    return word.capitalize()


@lru_cache(maxsize=65_536)
def matched(name: str) -> str:
    """A name as it is compared: `Núñez-Larkwright ` is `NUNEZ-LARKWRIGHT`, `D’A` is `D'A`."""  # noqa: RUF002
    plain = unicodedata.normalize("NFKD", name.translate(_APOSTROPHES))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(bare.upper().split())


def without_suffix(last_name: str, suffix: str) -> tuple[str, str]:
    """Last name and suffix, which is taken out of the name (`Stonebriar, Jr`) if it is there."""
    found = _SUFFIX.search(last_name)
    if found is None:
        return last_name, suffix
    return last_name[: found.start()].rstrip(), suffix or found.group(1)


def middle_name(text: str) -> str:
    """A middle name; the codes for "no middle name" are none."""
    return "" if text.upper() in _NO_NAME else text
