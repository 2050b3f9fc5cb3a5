"""Bytes to text, whatever they claim to be."""

import binascii
import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header

from unspoken.intake.validation import cleaned

_KNOWN = re.compile(r"(?:utf|iso8859|iso2022|cp|koi8|gb|big5|euc|shift_jis|mac|hz|johab|ascii|latin|tis|kz|ptcp)")
_MEANT = {"ascii": "cp1252", "iso8859-1": "cp1252"}  # as browsers do: nobody sends C1 control characters
_FOLD = re.compile(r"\r?\n[ \t]*|[\r\n]")


def decoded(raw: bytes, charset: str) -> str:
    """Return `raw` as text: UTF-8 when it says so or is so, else as declared, else as Windows would."""
    for name in (charset, "utf-8"):
        try:
            codec = codecs.lookup(name or "utf-8").name
            if _KNOWN.match(codec):
                return raw.decode(
                    "utf-8" if codec == "ascii" else codec if codec == "utf-8" else _MEANT.get(codec, codec)
                )
        except (LookupError, ValueError):
            continue
    return raw.decode("cp1252", "replace")


def header_text(value: str) -> str:
    """Return a header's value as one line of text, its encoded words decoded."""
    value = _FOLD.sub(" ", value)
    try:
        value.encode("ascii")
    except UnicodeEncodeError:
        value = decoded(value.encode("utf-8", "surrogateescape"), "")
    if "=?" in value:
        try:
            words = [(word if isinstance(word, bytes) else word.encode(), name) for word, name in decode_header(value)]
            value = "".join(decoded(word, name or "") for word, name in words)
        except (HeaderParseError, binascii.Error, ValueError):
            pass  # it is shown as it came
    return cleaned(" ".join(value.split()))
