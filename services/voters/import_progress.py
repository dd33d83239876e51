"""Where an import stands, as its organizers see it: the record without what is sealed in it."""

from typing import Any

from libs.database import Document
from services.voters.desk import Desk
from services.voters.domain.profiles.catalogue import PROFILES
from services.voters.import_records import Tally
from services.voters.receiving import file_name_place

_TITLES = {profile.name: profile.title for profile in PROFILES}


def progress_of(desk: Desk, record: Document) -> dict[str, Any]:
    """Figures grow while the file is read; `layout` is null until it is known."""
    state = "received" if record["state"] == "uploading" else record["state"]
    tally = {name: record.get(name, 0) for name in Tally.__struct_fields__}
    said_before = tally["rows_kept"] - tally["rows_new"] - tally["rows_changed"]
    return {
        "import_id": record["_id"],
        "campaign_id": record["campaign_id"],
        "profile": record["profile"],
        "layout": record.get("layout"),
        "layout_title": _TITLES.get(record.get("layout", "")),
        "file_name": _file_name(desk, record),
        "extent": record.get("extent", "whole"),
        "state": state,
        "is_cancelled": bool(record.get("is_cancelled")),
        "is_confirmed": bool(record.get("confirmed_by")),
        **tally,
        "rows_unchanged": said_before - tally["rows_repeated"],
        "rows_checked": record.get("rows_checked", 0),
        "rows_before": record.get("rows_before"),
        "rows_per_second": _rate(desk, record, tally["rows_read"]),
        "changes": record.get("changes", {}),
        "reasons": record.get("reasons", []),
        "voters_missing": record.get("voters_missing"),
        "bytes": record["bytes"],
        "bytes_read": _bytes_read(record, state),
        "received_at": record["received_at"],
        "received_by": record["actor"],
        "ended_at": record.get("ended_at"),
        "problem": record.get("problem"),
    }


def _bytes_read(record: Document, state: str) -> int:
    if state == "done":
        return int(record["bytes"])
    if state == "checking":
        return int(record.get("bytes_checked", 0))
    cursor = record.get("cursor")
    return int(cursor[0]) if cursor else 0


def _rate(desk: Desk, record: Document, rows_read: int) -> int | None:
    """Rows a second since reading began; None before there is anything to tell."""
    began = record.get("reading_at")
    if began is None:
        return None
    seconds = ((record.get("ended_at") or desk.now()) - began).total_seconds()
    return round(rows_read / seconds) if seconds > 0 and rows_read else None


def _file_name(desk: Desk, record: Document) -> str:
    if not record.get("file_name"):
        return ""
    seal = desk.uploads.seal_of(record["upload_id"], record["key"])
    return seal.open(file_name_place(record["_id"]), record["file_name"]).decode()
