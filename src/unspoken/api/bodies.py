"""What a request holds, before anything is done with it: JSON within bounds, and no text that cannot be stored."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from unspoken.intake.validation import wrong_characters
from unspoken.kit.outside_json import parsed

from .problems import Problem


class BodyParser(Parser):
    """Reads the bodies of all requests but those of the short ways of messages, which intake looks through itself."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Return the JSON value; raise Problem, which ninja passes on as the cause of its own."""
        try:
            value = parsed(request.body)
        except ValueError as error:
            raise Problem(
                400, "The request cannot be read.", f"It is no JSON: {error}. Nothing was changed."
            ) from error
        wrong = list(_unstorable(value)) if b"\\u" in request.body else []  # both can only be written so
        if wrong:
            raise Problem(422, "The request does not fit what is expected.", "Nothing was changed.", fields=wrong)
        found: dict[str, Any] = value
        return found


def _unstorable(value: Any, *place: str) -> Iterator[dict[str, str]]:
    if isinstance(value, str):
        if wrong := wrong_characters(value):
            yield {"field": ".".join(place) or "body", "message": wrong}
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _unstorable(name, *place)
            yield from _unstorable(inner, *place, name)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _unstorable(inner, *place, str(number))
