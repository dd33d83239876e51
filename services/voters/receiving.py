"""Receives a voter file: sealed while it arrives, recorded, then left for the importer to read."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from libs.database import Document
from libs.eventstore.store import IdempotencyKeyReused, Request, handle
from services.voters.desk import Desk
from services.voters.domain.errors import UploadInvalid
from services.voters.domain.profiles.catalogue import PROFILES
from services.voters.domain.voter_import import IMPORT, StartImport, stream_of
from services.voters.file_rows import AUTO
from services.voters.multipart import Form, FormReader
from services.voters.uploads import Upload

FILE = "file"
KNOWN_PROFILES = (AUTO, *(profile.name for profile in PROFILES))

Check = Callable[[str], None]
EXTENTS = ("whole", "part")
YES = ("true", "1", "on", "yes")

CommandOf = Callable[[str, bytes], Request]


class FileTooLarge(Exception):
    """The file is larger than we take."""


@dataclass(frozen=True, slots=True)
class Received:
    """A whole file, sealed, and what was said of it."""

    upload: Upload
    campaign_id: str
    profile: str
    file_name: str
    extent: str
    asks_first: bool

    def fingerprint(self, desk: Desk) -> bytes:
        """What makes this upload the same as another: keyed, for the file is about people."""
        chosen = f"{self.profile}\0{self.extent}\0{self.asks_first}"
        told = f"{self.campaign_id}\0{chosen}\0".encode()
        return desk.sealer.digest(told + self.upload.fingerprint).encode()


class Receiving:
    """One upload. Whatever goes wrong, nothing of the file is left behind."""

    def __init__(self, desk: Desk, bytes_max: int, check_campaign: Check) -> None:
        self._desk = desk
        self._bytes_max = bytes_max
        self._check_campaign = check_campaign

    async def receive(
        self, content_type: str, body: AsyncIterator[bytes], command_of: CommandOf
    ) -> str:
        """The id of the import; the same command again has the same id and one file.

        Raises UploadInvalid, FileTooLarge, IdempotencyKeyReused, and what `check_campaign` raises.
        """
        upload = self._desk.uploads.begin(self._desk.now())
        used = False
        try:
            form = await self._take_in(upload, content_type, body)
            received = self._checked(upload, form)
            request = command_of(received.campaign_id, received.fingerprint(self._desk))
            used = await self._record(received, request)
        finally:
            if not used:
                await self._desk.uploads.forget(upload.id)
        return request.commit_id

    async def _take_in(self, upload: Upload, content_type: str, body: AsyncIterator[bytes]) -> Form:
        reader = FormReader(content_type, FILE, upload.take)
        is_checked = False
        async for form in reader.read(body):
            if upload.bytes > self._bytes_max:
                raise FileTooLarge
            if not is_checked and "campaign_id" in form.fields:
                # As early as the form says it: a gigabyte need not be sent to hear a no.
                self._check_campaign(form.fields["campaign_id"])
                is_checked = True
            await upload.write()
        await upload.finish()
        return reader.form

    def _checked(self, upload: Upload, form: Form) -> Received:
        campaign_id = form.fields.get("campaign_id", "")
        profile = form.fields.get("profile") or AUTO
        if not campaign_id or not form.has_file:
            raise UploadInvalid
        self._check_campaign(campaign_id)
        if profile not in KNOWN_PROFILES:
            raise UploadInvalid(f"The profile is one of: {', '.join(KNOWN_PROFILES)}.")
        if not upload.bytes:
            raise UploadInvalid("The file is empty. Send the file as it was exported.")
        extent = form.fields.get("extent") or EXTENTS[0]
        if extent not in EXTENTS:
            raise UploadInvalid("The extent is whole or part.")
        asks_first = form.fields.get("preview", "").lower() in YES
        return Received(upload, campaign_id, profile, form.file_name, extent, asks_first)

    async def _record(self, received: Received, request: Request) -> bool:
        """The record, then the fact, then importers may find it; whether this file is the one."""
        desk, upload = self._desk, received.upload
        import_id = request.commit_id
        record: Document = {
            "_id": import_id,
            "campaign_id": received.campaign_id,
            "profile": received.profile,
            "extent": received.extent,
            "asks_first": received.asks_first,
            "file_name": upload.sealed(file_name_place(import_id), received.file_name),
            "actor": request.meta.actor,
            "fingerprint": request.meta.fingerprint,
            "upload_id": upload.id,
            "key": upload.wrapped_key,
            "bytes": upload.bytes,
            "state": "uploading",
            "cursor": None,
            "received_at": request.meta.at,
        }
        kept = await desk.imports.add(record)
        if kept["fingerprint"] != request.meta.fingerprint:
            raise IdempotencyKeyReused
        command = StartImport(received.campaign_id, import_id, received.profile)
        await handle(desk.log, IMPORT, stream_of(import_id), command, request)
        await desk.imports.make_wait(import_id)
        used: bool = kept["upload_id"] == upload.id
        return used


def file_name_place(import_id: str) -> str:
    """Where an import's file name is sealed to."""
    return f"{import_id}/file name"
