"""Voter files for tests: made-up exports, and rows of them changed on purpose."""

from pathlib import Path

from deploy.demo.voter_file import Export, write_export

# Columns of Pennsylvania's export, from 0.
ID, LAST_NAME, FIRST_NAME, DOB, PARTY, CITY, PHONE = 0, 2, 3, 7, 11, 17, 150

Rows = list[list[str]]


def export(folder: Path, rows: int, seed: int = 2026) -> tuple[Export, bytes]:
    """What was written, and the file."""
    path = folder / "DEMO FVE 20260930.txt"
    written = write_export(path, rows, seed)
    return written, path.read_bytes()


def cells(content: bytes) -> Rows:
    """The cells of every row."""
    return [line[1:-1].split('"\t"') for line in content.decode().split("\r\n") if line]


def joined(rows: Rows) -> bytes:
    """The file of these rows."""
    return "".join('"' + '"\t"'.join(row) + '"\r\n' for row in rows).encode()


def changed(row: list[str], **values: str) -> list[str]:
    """A row with other values in the columns named."""
    columns = {
        "id": ID,
        "last_name": LAST_NAME,
        "first_name": FIRST_NAME,
        "dob": DOB,
        "party": PARTY,
        "city": CITY,
        "phone": PHONE,
    }
    altered = list(row)
    for name, value in values.items():
        altered[columns[name]] = value
    return altered
