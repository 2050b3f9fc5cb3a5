"""Counting different things among millions, on disk."""

import hashlib
import sqlite3
from collections.abc import Iterable


class Distinct:
    """How many different texts were seen; their hashes lie in a temporary file, so that memory stays small."""

    def __init__(self) -> None:
        self._seen = sqlite3.connect("", isolation_level=None)
        self._seen.execute("PRAGMA synchronous=OFF")
        self._seen.execute("CREATE TABLE seen (hash BLOB PRIMARY KEY) WITHOUT ROWID")

    def add(self, texts: Iterable[str]) -> None:
        """Note texts; '' is none."""
        hashes = [
            (hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest(),)
            for text in set(texts)
            if text
        ]
        self._seen.execute("BEGIN")
        self._seen.executemany("INSERT OR IGNORE INTO seen VALUES (?)", hashes)
        self._seen.execute("COMMIT")

    def __len__(self) -> int:
        return int(self._seen.execute("SELECT count(*) FROM seen").fetchone()[0])
