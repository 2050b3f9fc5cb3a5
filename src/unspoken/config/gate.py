"""What is refused before anything of a request is read."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

from unspoken.api.problems import Problem

WITHOUT_SESSION = ("/api/", "/hooks/", "/healthz", "/metrics")


def refusal(scope: Mapping[str, Any]) -> HttpResponse | None:
    """Return why a request is not let in, or None.

    An address or a header with a NUL names nothing that could be here, and PostgreSQL cannot even be asked for it.
    """
    if "\x00" in scope["path"] or b"%00" in scope["query_string"] or any(b"\x00" in one for _, one in scope["headers"]):
        return refused(scope, 400, "The request cannot be read.", "It contains a NUL character (%00); leave it out.")
    return None


def refused(scope: Mapping[str, Any], status: int, title: str, detail: str) -> HttpResponse:
    """Return a refusal as a problem document for a program, in a line for a person."""
    if scope["path"].startswith(WITHOUT_SESSION):
        return Problem(status, title, detail).response()
    return HttpResponse(f"{title} {detail}", status=status, content_type="text/plain; charset=utf-8")
