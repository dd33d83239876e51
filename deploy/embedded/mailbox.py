"""The caught messages: parsed once, the newest thousand kept across restarts."""

import re
from collections import deque
from collections.abc import Iterable
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from html.parser import HTMLParser
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict

MESSAGES_MAX = 1_000
_LINK = re.compile(r"https?://[^\s<>\"']+")
_ENDS_A_SENTENCE = ".,;:!?)"


class Caught(BaseModel):
    """One message as one recipient got it. `html` is empty when there was none."""

    model_config = ConfigDict(frozen=True)

    number: int
    to: str
    subject: str
    text: str
    html: str
    received_at: AwareDatetime


class Mailbox:
    """Messages in the order they came, in a file of JSON lines."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._messages: deque[Caught] = deque(_read(file), maxlen=MESSAGES_MAX)
        self._next = self._messages[-1].number + 1 if self._messages else 1
        self._lines = len(self._messages)
        if file.exists():
            self._shorten()  # Also drops what a kill -9 left of a line.

    def newest_first(self, to: str | None = None) -> list[Caught]:
        """All, or one recipient's; addresses are compared without regard to case."""
        wanted = to.casefold() if to is not None else None
        return [
            message
            for message in reversed(self._messages)
            if wanted is None or message.to.casefold() == wanted
        ]

    def find(self, number: int) -> Caught | None:
        """One message; None when there is none of that number any more."""
        return next((each for each in self._messages if each.number == number), None)

    def catch(self, content: bytes, recipients: Iterable[str], received_at: datetime) -> None:
        """Keep a message, once for each recipient."""
        parsed = message_from_bytes(content, policy=modern)
        for to in recipients:
            caught = Caught(
                number=self._next,
                to=to,
                subject=str(parsed["subject"] or "(no subject)"),
                text=_part(parsed, "plain"),
                html=_part(parsed, "html"),
                received_at=received_at,
            )
            self._next += 1
            self._messages.append(caught)
            self._write(caught)

    def _write(self, caught: Caught) -> None:
        if self._lines >= 2 * MESSAGES_MAX:
            self._shorten()
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(caught.model_dump_json() + "\n")
        self._lines += 1

    def _shorten(self) -> None:
        """Write only what is kept, in one step."""
        shorter = self._file.with_suffix(".new")
        kept = "".join(message.model_dump_json() + "\n" for message in self._messages)
        shorter.write_text(kept, encoding="utf-8")
        shorter.replace(self._file)
        self._lines = len(self._messages)


def _read(file: Path) -> Iterable[Caught]:
    if not file.exists():
        return
    with file.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if line.endswith("\n"):  # A last line without its end was being written at a kill -9.
                yield Caught.model_validate_json(line)


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body(preferencelist=(kind,))
    return str(body.get_content()).replace("\r\n", "\n") if body is not None else ""


def readable(message: Caught) -> list[tuple[str, bool]]:
    """A message as pieces of plain text; True marks those that are links.

    A message without a text part is read out of its HTML, links included.
    """
    text = message.text or _Reader.read(message.html)
    pieces = []
    end = 0
    for found in _LINK.finditer(text):
        link = found.group().rstrip(_ENDS_A_SENTENCE)
        pieces += [(text[end : found.start()], False), (link, True)]
        end = found.start() + len(link)
    return [*pieces, (text[end:], False)]


class _Reader(HTMLParser):
    """The words of an HTML message, and the address of each link after its words."""

    def __init__(self) -> None:
        super().__init__()
        self._words: list[str] = []
        self._links: list[str] = []

    @classmethod
    def read(cls, html: str) -> str:
        reader = cls()
        reader.feed(html)
        reader.close()
        return re.sub(r"\n\s*\n+", "\n\n", "".join(reader._words)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._links.append(dict(attrs).get("href") or "")
        if tag in {"p", "div", "br", "li", "h1", "h2", "tr"}:
            self._words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            self._words.append(f" {self._links.pop()} ")

    def handle_data(self, data: str) -> None:
        self._words.append(data)
