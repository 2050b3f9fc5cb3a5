"""Who is asking: the bearer token of a program, and what it may do."""

import time
from typing import TYPE_CHECKING, cast

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from ninja.security import HttpBearer

from unspoken.kit.clock import now
from unspoken.staff.models import ApiToken, Member, Scope
from unspoken.staff.queries import member_of_token

from .problems import Problem

REMEMBERED_SECONDS = 5.0  # a revoked token may still send messages for so long; nothing else is answered from memory


class Token(HttpBearer):
    """Asks for a token with `scope`."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Return the token, None for an unknown one; raise Problem 403 for one without the scope."""
        return self.permit(member_of_token(token, now()))

    def permit(self, found: ApiToken | None) -> ApiToken | None:
        """Return `found` when it has the scope; raise Problem 403 when it has not."""
        if found and self.scope not in found.scopes:
            raise Problem(403, "This token may not do that.", f"It lacks the scope {self.scope.value}.")
        return found


_remembered: dict[str, tuple[float, ApiToken]] = {}


def bearer_of(authorization: str) -> str:
    """Return the secret in a header `Authorization: Bearer …`, or nothing."""
    scheme, _, secret = authorization.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def remembered(token: str) -> ApiToken | None:
    """Return the token if it was good a few seconds ago and has not expired since."""
    until, found = _remembered.get(token, (0.0, None))
    if time.monotonic() >= until or found is None or (found.expires_at and found.expires_at <= now()):
        _remembered.pop(token, None)
        return None
    return found


class AsyncToken(Token):
    """The same for the hot path: remembers a good token for a few seconds instead of asking the database each time."""

    if not TYPE_CHECKING:

        async def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
            found = remembered(token)
            if found is None:
                found = await sync_to_async(member_of_token)(token, now())
                if found:
                    if len(_remembered) > 1000:
                        _remembered.clear()
                    _remembered[token] = (time.monotonic() + REMEMBERED_SECONDS, found)
            return self.permit(found)

        async def __call__(self, request: HttpRequest) -> ApiToken | None:
            secret = bearer_of(request.headers.get("Authorization", ""))
            return await self.authenticate(request, secret) if secret else None


def token_of(request: HttpRequest) -> ApiToken:
    """Return the token of an authenticated request."""
    return cast("ApiToken", request.auth)  # type: ignore[attr-defined]


def asker(request: HttpRequest) -> Member:
    """Return the member in whose name the token acts."""
    return token_of(request).member
