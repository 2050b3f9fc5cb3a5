"""Every error of the API as `application/problem+json` (RFC 9457): what happened, what was kept, what to do."""

import logging
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as RequestError

from unspoken.intake.batcher import Busy
from unspoken.kit.keyset import BadCursor
from unspoken.staff.permissions import NotAllowed

logger = logging.getLogger(__name__)


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem
    """An answer that is an error. `fields`: [{"field": …, "message": …}]."""

    def __init__(
        self, status: int, title: str, detail: str = "", *, fields: Sequence[dict[str, str]] = (), retry_after: int = 0
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.detail = status, title, detail
        self.fields, self.retry_after = list(fields), retry_after

    def body(self) -> dict[str, Any]:
        """Return the members of the problem document."""
        members = {
            "type": "about:blank", "title": self.title, "status": self.status, "detail": self.detail,
            "errors": self.fields,
        }  # fmt: skip
        return {name: value for name, value in members.items() if value not in ("", [])}

    def response(self) -> HttpResponse:
        """Return the HTTP response."""
        response = JsonResponse(self.body(), status=self.status, content_type="application/problem+json")
        if self.retry_after:
            response["Retry-After"] = str(self.retry_after)
        if self.status == 401:
            response["WWW-Authenticate"] = "Bearer"
        return response


def _of_request(error: RequestError) -> Problem:
    fields = [
        {"field": ".".join(str(part) for part in each["loc"][1:]) or "body", "message": str(each["msg"])}
        for each in error.errors
    ]
    return Problem(422, "The request does not fit what is expected.", "Nothing was changed.", fields=fields)


def _unreadable(error: HttpError) -> Problem:
    told = error.__cause__
    return told if isinstance(told, Problem) else Problem(error.status_code, "The request cannot be read.", str(error))


def install(api: NinjaAPI) -> None:
    """Make every exception that a door may meet a problem document; whatever is left is logged and says so."""

    def answer(kind: type[Exception], make: Any) -> None:
        api.add_exception_handler(kind, lambda request, error: make(error).response())

    answer(Problem, lambda error: error)
    answer(RequestError, _of_request)
    answer(AuthenticationError, lambda error: Problem(401, "No valid token.", "Send `Authorization: Bearer uns_…`."))
    answer(NotAllowed, lambda error: Problem(403, "Not allowed.", str(error)))
    answer(
        ObjectDoesNotExist,
        lambda error: Problem(404, "Not found.", "There is no such thing, or it is not yours to see."),
    )
    answer(Http404, lambda error: Problem(404, "Not found."))
    answer(BadCursor, lambda error: Problem(400, "The cursor cannot be used.", str(error)))
    answer(Busy, lambda error: Problem(503, "Too busy just now.", str(error), retry_after=1))
    answer(ValidationError, lambda error: Problem(422, "Refused.", " ".join(error.messages)))
    answer(ValueError, lambda error: Problem(422, "Refused.", str(error)))
    answer(RequestDataTooBig, lambda error: Problem(413, "The request is too large.", "Nothing was kept."))
    answer(MultiPartParserError, lambda error: Problem(400, "The body cannot be read.", "Nothing was kept."))
    answer(HttpError, _unreadable)
    api.add_exception_handler(Exception, unexpected)


def unexpected(request: HttpRequest, error: Any) -> HttpResponse:
    """Answer 500 without details; the log has them."""
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return Problem(500, "Something went wrong here.", "It has been logged. Sending the same again is safe.").response()
