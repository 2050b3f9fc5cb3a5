"""Which mails no person wrote: auto-replies, delivery reports, newsletters. They are kept, never read or answered."""

import re
from collections.abc import Mapping

from .mime import Mail

_BULK = {"bulk", "junk", "list", "auto_reply", "auto-reply"}
_MACHINES = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)
_SUBJECTS = re.compile(
    r"(?:re: ?|aw: ?)?\[?(?:auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|abwesenheitsnotiz|"
    r"automatische antwort|réponse automatique|absence du bureau|respuesta automática|fuera de la oficina|"
    r"risposta automatica|resposta automática|automatisch antwoord|autosvar)\b",
    re.IGNORECASE,
)


def is_report(mail: Mail) -> bool:
    """Tell whether a mail server wrote it, about another mail."""
    return mail.content_type.startswith("multipart/report") or bool(_MACHINES.match(mail.sender.email))


def why_automatic(mail: Mail, *, is_group: bool = False) -> str:
    """Return by what a mail shows that no person wrote it, or ''.

    is_group: our address is a group or a mailing list, which adds list headers to everybody's mails.
    """
    headers = mail.headers
    if is_report(mail):
        return "delivery report"
    if headers.get("return-path", "").replace(" ", "") == "<>":
        return "empty Return-Path"
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip().lower()
    if submitted not in {"no", ""}:
        return f"Auto-Submitted: {submitted[:40]}"
    for name in ("x-autoreply", "x-autorespond", "x-autoresponder"):
        if headers.get(name, "no").strip().lower() not in {"no", "false"}:
            return name.title()
    if _SUBJECTS.match(mail.subject):
        return "subject of an auto-reply"
    return "" if is_group else _mailing(headers)


def _mailing(headers: Mapping[str, str]) -> str:
    for name in ("precedence", "x-precedence"):
        if headers.get(name, "").strip().lower() in _BULK:
            return f"{name.title()}: {headers[name].strip().lower()}"
    return next((name.title() for name in ("list-id", "list-unsubscribe") if name in headers), "")
