""".env for Compose: new secrets, for their owner's eyes, and never a second time."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import secrets
from libs.chassis.settings import SECRET_BYTES_MIN

ROOT = Path(__file__).parents[2]


def read(file: Path) -> dict[str, str]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_every_secret_is_long_and_its_own() -> None:
    made, again = secrets.made(), secrets.made()
    assert len(set(made.values())) == len(made)
    assert not set(made.values()) & set(again.values())
    assert all(len(value) >= SECRET_BYTES_MIN for value in made.values())
    # They stand in addresses and in a file without quotes.
    del made["MONGODB_KEYFILE"]
    assert all(set("/@:# '\"$").isdisjoint(value) for value in made.values())


def test_a_file_is_written_once_for_its_owner_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / ".env"
    assert secrets.main(["--file", str(file), "demo"]) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = read(file)
    assert kept["PHONEBANK_ENV"] == "demo"
    assert set(secrets.made()) <= set(kept)
    assert secrets.main(["--file", str(file), "production", "a.example.org", "smtp"]) == 1
    assert read(file) == kept
    said = capsys.readouterr().out
    assert "left as it is" in said
    assert kept["VAULT_KEY"] not in said


def test_production_is_strict_and_speaks_https(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    secrets.main(["--file", str(file), "production", "phonebank.example.org", "smtp.example.org"])
    kept = read(file)
    assert kept["PHONEBANK_ENV"] == "production"
    assert kept["PUBLIC_URL"] == "https://phonebank.example.org"
    assert kept["SMTP_SECURITY"] == "starttls"


def test_it_needs_nothing_but_python(tmp_path: Path) -> None:
    """Whoever has only Docker and Python has no packages of ours."""
    done = subprocess.run(  # noqa: S603 - our own interpreter.
        [sys.executable, "-S", "-m", "deploy.secrets", "--file", str(tmp_path / "env"), "demo"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
