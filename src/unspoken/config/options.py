"""What an operator may set, each once, typed, from the environment; a bad value refuses to start and says the mend."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

MOST_DAYS = 3_650


class BadOption(SystemExit):
    """An option that cannot be used: the message names it, what is wrong and how to mend it."""

    def __init__(self, name: str, problem: str, mend: str) -> None:
        super().__init__(f"unspoken: {name}: {problem} {mend}")


@dataclass(frozen=True, slots=True)
class Options:
    """All settings of an installation.

    data: folder of the database, secrets and uploads; database: empty for SQLite in `data`, or postgresql://…;
    hosts: names under which the pages are reached; text_model: `standard`, `light` or a folder; speech_model: empty
    (calls are not written down), `tiny` or a folder; keep_recordings_days: for how long the recordings are kept of
    those who permit it, 0 for never; public_url: how links in messages begin; secure: whether the pages are served over
    HTTPS (cookies, HSTS).
    """

    data: Path
    database: str
    secret_key: str
    hosts: tuple[str, ...]
    public_url: str
    secure: bool
    debug: bool
    timezone: str
    text_model: str
    speech_model: str
    keep_recordings_days: int
    analysis: bool

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Options":
        """Read `UNSPOKEN_*`; raise BadOption for what cannot be used."""
        data = _usable_folder(Path(environment.get("UNSPOKEN_DATA", "data")).absolute())
        url = environment.get("UNSPOKEN_URL", "http://127.0.0.1:8000").rstrip("/")
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise BadOption("UNSPOKEN_URL", f"{url!r} is no web address.", "Write it like https://crm.example.org")
        timezone = environment.get("UNSPOKEN_TIMEZONE", "UTC")
        try:
            ZoneInfo(timezone)
        except (KeyError, ValueError):
            raise BadOption("UNSPOKEN_TIMEZONE", f"{timezone!r} is unknown.", "Write it like Europe/Berlin") from None
        return cls(
            data=data,
            database=environment.get("UNSPOKEN_DATABASE", ""),
            secret_key=environment.get("UNSPOKEN_SECRET_KEY", "") or _kept_secret(data),
            hosts=tuple(environment.get("UNSPOKEN_HOSTS", f"{urlsplit(url).hostname},localhost,127.0.0.1").split(",")),
            public_url=url,
            secure=url.startswith("https:"),
            debug=_flag(environment, "UNSPOKEN_DEBUG", default=False),
            timezone=timezone,
            text_model=_model(environment.get("UNSPOKEN_TEXT_MODEL", "standard")),
            speech_model=_speech_model(environment.get("UNSPOKEN_SPEECH_MODEL", "")),
            keep_recordings_days=_days(environment, "UNSPOKEN_KEEP_RECORDINGS_DAYS"),
            analysis=_flag(environment, "UNSPOKEN_ANALYSIS", default=True),
        )

    def private_folder(self, name: str) -> Path:
        """Return a folder in `data` that only we can open; raises BadOption."""
        folder = self.data / name
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise _unusable(folder, error) from error
        return folder

    def django_database(self) -> dict[str, Any]:
        """Return Django's DATABASES entry; durability is never traded for speed (synchronous=FULL)."""
        if not self.database:
            return {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": self.data / "unspoken.sqlite3",
                "CONN_MAX_AGE": 60,
                "TEST": {"NAME": self.data / "test.sqlite3"},  # a file: in memory, SQLite locks otherwise than it does
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 20,
                    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;"
                    "PRAGMA temp_store=MEMORY;PRAGMA cache_size=-32000;PRAGMA mmap_size=268435456",
                },
            }
        parts = urlsplit(self.database)
        if parts.scheme not in {"postgres", "postgresql"}:
            raise BadOption(
                "UNSPOKEN_DATABASE", f"the scheme {parts.scheme!r} is unknown.",
                "Write postgresql://user:password@host/name, or leave it out for SQLite",
            )  # fmt: skip
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": parts.port or "",
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }


def _flag(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environment.get(name, "").strip().lower()
    if value in {"", "1", "true", "yes", "on", "0", "false", "no", "off"}:
        return default if not value else value in {"1", "true", "yes", "on"}
    raise BadOption(name, f"{value!r} is neither yes nor no.", "Write 1 or 0")


def _days(environment: Mapping[str, str], name: str) -> int:
    value = environment.get(name, "").strip() or "0"
    if value.isascii() and value.isdecimal() and int(value) <= MOST_DAYS:
        return int(value)
    raise BadOption(
        name, f"{value!r} is no number of days from 0 to {MOST_DAYS}.",
        "Write one like 30, or leave it out: then no recording is kept",
    )  # fmt: skip


def _model(chosen: str) -> str:
    if chosen in {"standard", "light"} or Path(chosen).is_dir():
        return chosen
    raise BadOption("UNSPOKEN_TEXT_MODEL", f"{chosen!r} is no folder.", "Write standard, light, or a model's folder")


def _speech_model(chosen: str) -> str:
    if chosen in {"", "tiny"} or Path(chosen).is_dir():
        return chosen
    raise BadOption(
        "UNSPOKEN_SPEECH_MODEL", f"{chosen!r} is no folder.",
        "Write tiny, a folder with a Whisper model for CTranslate2, or leave it out: then calls are not written down",
    )  # fmt: skip


def _usable_folder(data: Path) -> Path:
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(data, error) from error
    return data


def _kept_secret(data: Path) -> str:
    """Return the installation's own secret, made at the first start and kept in the data folder, mode 0600."""
    path = data / "secret-key"
    try:
        if not path.exists():
            made = path.with_suffix(f".{os.getpid()}")
            made.touch(mode=0o600)
            made.write_text(secrets.token_urlsafe(64))
            made.replace(path)
        return path.read_text().strip()
    except OSError as error:
        raise _unusable(data, error) from error


def _unusable(data: Path, error: OSError) -> BadOption:
    return BadOption(
        "UNSPOKEN_DATA", f"{data} cannot be used ({error.strerror}).", "Name a folder that can be written to"
    )


options = Options.from_environment(os.environ)
