"""What a file is, by its content; its name is not looked at."""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from .encodings import Encoding, encoding_of
from .formats import dialogues
from .formats.contact_lens_file import looks_analysed, looks_analysed_by_line
from .pieces import UnusableFile

_SAMPLE = 64 * 1024
_HEADER = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]{1,60}:[ \t].*\r?\n(?:[ \t].*\r?\n)*){2}")
_OTHERS = {
    b"PK\x03\x04": "a ZIP archive or an Excel or Word file; unpack it, or save the sheet as CSV",
    b"%PDF": "a PDF; export the messages as CSV or JSON",
    b"\xd0\xcf\x11\xe0": "an old Excel, Word or Outlook file; save it as CSV, or the mails as .eml",
    b"\x1f\x8b": "compressed; run gunzip on it first",
    b"BZh": "compressed; run bunzip2 on it first",
    b"SQLite format 3": "a database; export a table as CSV",
    b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"RIFF": "a recording or picture", b"ID3": "a recording",
    b"OggS": "a recording", b"fLaC": "a recording", b"\x7fELF": "a program", b"!BDN": "an Outlook file; export mbox",
}  # fmt: skip


class Shape(StrEnum):
    """How a file is written; the value is what is said of it."""

    CSV = "CSV"
    JSON_LINES = "JSON, one object a line"
    JSON_ARRAY = "JSON, objects in an array"
    DIALOGUES = "dialogues, one turn a line"
    WEBVTT = "WebVTT, the text of a call"
    CONTACT_LENS = "JSON of Contact Lens or Transcribe Call Analytics"
    CONTACT_LENS_LINES = "JSON of Contact Lens or Transcribe Call Analytics, one object a line"
    VCARD = "vCard"
    MBOX = "mbox"
    EML = "one mail"
    FOLDER = "a folder of mails"


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file's shape and encoding, and the beginning of its text."""

    shape: Shape
    encoding: Encoding
    sample: str = ""


_AS_IT_IS = Encoding("latin-1", "")  # mails say themselves how they are encoded


def recognise(path: Path) -> Recognised:
    """Return what a file or folder is; raises UnusableFile with the mend."""
    try:
        if path.is_dir():
            return Recognised(Shape.FOLDER, _AS_IT_IS)
        with path.open("rb") as file:
            head = file.read(_SAMPLE)
        if not head:
            raise UnusableFile(f"{path} is empty. Nothing was imported.")
        _refuse_others(head, path)
        if head.startswith(b"From ") and _HEADER.match(head.partition(b"\n")[2]):
            return Recognised(Shape.MBOX, _AS_IT_IS)
        encoding = encoding_of(path)
        with path.open(encoding=encoding.codec, errors="replace", newline="") as text:
            sample = text.read(_SAMPLE)
    except OSError as error:
        raise UnusableFile(f"{path} cannot be read: {error.strerror}. Nothing was imported.") from error
    shape = _shape(sample, head)
    return Recognised(shape, _AS_IT_IS if shape == Shape.EML else encoding, sample)


def _refuse_others(head: bytes, path: Path) -> None:
    what = next((what for magic, what in _OTHERS.items() if head.startswith(magic)), "")
    if what:
        raise UnusableFile(f"{path} is {what}. Nothing was imported.")


def _shape(sample: str, head: bytes) -> Shape:
    begins = sample.lstrip("\ufeff \t\r\n")
    if not begins:
        raise UnusableFile("The file holds nothing but blanks. Nothing was imported.")
    if begins.startswith("WEBVTT"):
        return Shape.WEBVTT
    if begins[:11].upper() == "BEGIN:VCARD":
        return Shape.VCARD
    if begins[0] in "[{":
        return _shape_of_json(begins)
    if dialogues.looks_spoken(sample):
        return Shape.DIALOGUES
    if _HEADER.match(head) and re.search(rb"(?im)^(?:from|received|message-id|return-path|subject):", head):
        return Shape.EML
    return Shape.CSV


def _shape_of_json(begins: str) -> Shape:
    if looks_analysed_by_line(begins):
        return Shape.CONTACT_LENS_LINES
    if looks_analysed(begins):
        return Shape.CONTACT_LENS
    return Shape.JSON_LINES if begins[0] == "{" and _is_object_a_line(begins) else Shape.JSON_ARRAY


def _is_object_a_line(sample: str) -> bool:
    """Tell JSON lines from one object over many lines, or one that only holds arrays of others."""
    line, end, rest = sample.partition("\n")
    if not end:
        return len(line) < _SAMPLE - 1 or not re.match(r'\{\s*"[^"]*"\s*:\s*\[', line)
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return rest.lstrip().startswith("{")
    return True
