"""A multipart form read while it arrives: small fields into memory, the file to whoever takes it.

Starlette's own reading would put the whole file on disk in clear first.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from services.voters.domain.errors import UploadInvalid

FIELD_BYTES_MAX = 1_000
PARTS_MAX = 20
FILE_NAME_LENGTH_MAX = 200

TakeBytes = Callable[[bytes], None]


@dataclass(slots=True)
class Form:
    """The form: `fields` as text, whether a file was among its parts, and what it is called."""

    fields: dict[str, str] = field(default_factory=dict)
    has_file: bool = False
    file_name: str = ""


class FormReader:
    """Feeds a body to the parser; the bytes of the part `file_field` go to `take`."""

    def __init__(self, content_type: str, file_field: str, take: TakeBytes) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise UploadInvalid
        self.form = Form()
        self._file_field = file_field
        self._take = take
        self._parts = 0
        self._is_whole = False
        self._name = ""
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._disposition = b""
        self._value = bytearray()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._part_bytes,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    async def read(self, body: AsyncIterator[bytes]) -> AsyncIterator[Form]:
        """Take in the body; after each piece of it, the form so far. Raises UploadInvalid."""
        try:
            async for piece in body:
                self._parser.write(piece)
                yield self.form
        except FormParserError as error:
            raise UploadInvalid from error
        if not self._is_whole:
            raise UploadInvalid("The upload broke off before its end; please send it again.")

    @property
    def _is_file(self) -> bool:
        return self._name == self._file_field

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > PARTS_MAX:
            raise UploadInvalid
        self._name, self._disposition = "", b""
        self._value.clear()

    def _header_field(self, content: bytes, start: int, end: int) -> None:
        self._header[0].extend(content[start:end])

    def _header_value(self, content: bytes, start: int, end: int) -> None:
        self._header[1].extend(content[start:end])

    def _end_header(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = bytes(value)
        name.clear()
        value.clear()

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode(errors="replace")
        if self._is_file:
            if self.form.has_file:
                raise UploadInvalid("Send one file at a time.")
            self.form.has_file = True
            name = options.get(b"filename", b"").decode(errors="replace")
            self.form.file_name = name[:FILE_NAME_LENGTH_MAX].strip()

    def _part_bytes(self, content: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._take(content[start:end])
            return
        self._value.extend(content[start:end])
        if len(self._value) > FIELD_BYTES_MAX:
            raise UploadInvalid

    def _end_part(self) -> None:
        if not self._is_file:
            self.form.fields[self._name] = self._value.decode(errors="replace").strip()

    def _end(self) -> None:
        self._is_whole = True
