"""The languages callers call in: their codes, their names, and every way a call screen names one.

A caller marks a voter's language barrier with a word of their own ("Spanish", "español"); the codes
that another caller declared must lead there, so a token carries all the words for them.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from services.identity.domain.errors import FieldInvalid

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """ISO 639-1 code, English name, the name its speakers use, and further names of it."""

    code: str
    name: str
    own_name: str
    others: tuple[str, ...] = ()

    @property
    def words(self) -> frozenset[str]:
        """The lower-case words by which somebody may mean it, with and without accents."""
        named = {self.code, self.name.lower(), self.own_name.lower(), *self.others}
        return frozenset(named | {_plain(word) for word in named})


# The languages most spoken in American homes, those of most speakers first.
COMMON = (
    Language("es", "Spanish", "Español", ("castellano",)),
    Language("zh", "Chinese", "中文", ("mandarin", "cantonese", "putonghua")),
    Language("tl", "Tagalog", "Tagalog", ("filipino", "pilipino")),
    Language("vi", "Vietnamese", "Tiếng Việt"),
    Language("ar", "Arabic", "العربية"),
    Language("fr", "French", "Français"),
    Language("ko", "Korean", "한국어"),
    Language("ru", "Russian", "Русский"),
)
OTHERS = (
    Language("sq", "Albanian", "Shqip"),
    Language("am", "Amharic", "አማርኛ"),
    Language("hy", "Armenian", "Հայերեն"),
    Language("bn", "Bengali", "বাংলা", ("bangla",)),
    Language("my", "Burmese", "မြန်မာ"),
    Language("nl", "Dutch", "Nederlands"),
    Language("de", "German", "Deutsch"),
    Language("el", "Greek", "Ελληνικά"),
    Language("gu", "Gujarati", "ગુજરાતી"),
    Language("ht", "Haitian Creole", "Kreyòl ayisyen", ("creole", "haitian", "kreyòl")),
    Language("he", "Hebrew", "עברית"),
    Language("hi", "Hindi", "हिन्दी"),
    Language("hmn", "Hmong", "Hmoob"),
    Language("it", "Italian", "Italiano"),
    Language("ja", "Japanese", "日本語"),
    Language("km", "Khmer", "ខ្មែរ", ("cambodian",)),
    Language("lo", "Lao", "ລາວ", ("laotian",)),
    Language("ne", "Nepali", "नेपाली"),
    Language("nv", "Navajo", "Diné bizaad"),
    Language("fa", "Persian", "فارسی", ("farsi", "dari")),
    Language("pl", "Polish", "Polski"),
    Language("pt", "Portuguese", "Português"),
    Language("pa", "Punjabi", "ਪੰਜਾਬੀ", ("panjabi",)),
    Language("so", "Somali", "Soomaali"),
    Language("sw", "Swahili", "Kiswahili"),
    Language("ta", "Tamil", "தமிழ்"),
    Language("te", "Telugu", "తెలుగు"),
    Language("th", "Thai", "ไทย"),
    Language("uk", "Ukrainian", "Українська"),
    Language("ur", "Urdu", "اردو"),
    Language("yi", "Yiddish", "ייִדיש"),
)
_ENGLISH = Language(ENGLISH, "English", "English")
_BY_CODE = {each.code: each for each in (_ENGLISH, *COMMON, *OTHERS)}


def checked(codes: Iterable[str]) -> tuple[str, ...]:
    """These languages besides English, each once and in order. Raises FieldInvalid."""
    wanted = {code.strip().lower() for code in codes} - {ENGLISH}
    unknown = sorted(wanted - set(_BY_CODE))
    if unknown:
        known = ", ".join(f"{each.code} ({each.name})" for each in (*COMMON, *OTHERS))
        raise FieldInvalid("languages", f"Choose from these codes: {known}.")
    return tuple(sorted(wanted))


def words_for(codes: Iterable[str]) -> tuple[str, ...]:
    """Every word for these languages and for English, which all callers speak."""
    chosen = [_BY_CODE[code] for code in {ENGLISH, *codes} if code in _BY_CODE]
    return tuple(sorted({word for each in chosen for word in each.words}))


def _plain(word: str) -> str:
    """Without accents, as it is typed in a hurry."""
    apart = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
