"""Bytes to text: which encoding a file is in, found by looking at all of it, and said."""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from .pieces import LONGEST_PIECE, Refused

_CHUNK = 1024 * 1024
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True)
class Encoding:
    """Python's name of an encoding, and what the reader of a summary is told about it."""

    codec: str
    said: str


def encoding_of(path: Path) -> Encoding:
    """Return a file's encoding: by its mark, else UTF-8, else UTF-16 by its shape, else Windows-1252.

    A file with both valid UTF-8 and broken bytes is UTF-8 with some broken lines, which are rejected one by one.
    """
    with path.open("rb") as file:
        head = file.read(4096)
        if head[:2] in _UTF_16:
            return Encoding("utf-16", "UTF-16")
        if head.startswith(codecs.BOM_UTF8):
            return Encoding("utf-8-sig", "UTF-8, with a mark")
        if shape := _shape_of_utf_16(head):
            return Encoding(shape, "UTF-16 without a mark")
        file.seek(0)
        whole, broken = _lines_beyond_ascii(file)
    if not broken:
        return Encoding("utf-8", "UTF-8")
    if whole:
        return Encoding("utf-8", f"UTF-8, with {broken} line{'s that are' if broken > 1 else ' that is'} not")
    return Encoding("cp1252", "Windows-1252, as it is not UTF-8")


def _shape_of_utf_16(head: bytes) -> str:
    """Return the byte order of text in which every other byte is NUL; '' for anything else."""
    half = len(head) // 2
    if half < 8:
        return ""
    even, odd = head[0 : 2 * half : 2].count(0), head[1 : 2 * half : 2].count(0)
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd < 0.1 * half else ""


def _lines_beyond_ascii(file: BinaryIO) -> tuple[int, int]:
    """Return how many lines hold valid UTF-8 beyond ASCII, and how many hold bytes that are no UTF-8."""
    whole = broken = 0
    while chunk := file.read(_CHUNK):
        chunk += file.readline(_CHUNK)
        if chunk.isascii():
            continue
        for line in chunk.split(b"\n"):
            if line.isascii():
                continue
            try:
                line.decode()
                whole += 1
            except UnicodeDecodeError:
                broken += 1
    return whole, broken


def open_text(file: BinaryIO, codec: str) -> TextIO:
    """Wrap an open file for reading text, line ends as they are; bytes that are no text become lone surrogates."""
    errors = "surrogateescape" if codec.startswith("utf-8") else "replace"
    return io.TextIOWrapper(file, encoding=codec, errors=errors, newline="")


def numbered_lines(text: TextIO) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, from 1; of a line longer than memory should hold, the beginning."""
    number = 0
    while line := text.readline(LONGEST_PIECE):
        number += 1
        yield number, line
        while len(line) == LONGEST_PIECE and not line.endswith(("\n", "\r")):
            line = text.readline(LONGEST_PIECE)


def require_text(text: str) -> None:
    """Raise Refused when `text` holds bytes that could not be decoded."""
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        byte = ord(text[error.start]) - 0xDC00
        if 0x80 <= byte <= 0xFF:
            raise Refused(
                "encoding", f"holds the byte 0x{byte:02X}, which is no UTF-8; save the file as UTF-8 throughout."
            ) from error
