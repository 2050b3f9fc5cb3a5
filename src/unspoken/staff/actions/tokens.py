"""Keys for programs: shown once, kept as a hash."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from unspoken.journal.actions import record
from unspoken.kit.validation import check_row

from ..events import TokenIssued, TokenRevoked
from ..models import ApiToken, Member, Scope
from ..permissions import NotAllowed, Permission, require

PREFIX = "uns_"
_SHOWN = 12  # characters of a secret that may be shown later, to tell one token from another


def digest(secret: str) -> str:
    """Return what is kept of a token's secret. It has 256 random bits, so a plain hash cannot be guessed back."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def issue_token(
    member: Member,
    *,
    name: str,
    scopes: Collection[str],
    now: datetime,
    expires_at: datetime | None = None,
    by: Member | None = None,
) -> tuple[ApiToken, str]:
    """Make a token that acts as `member` within `scopes`; return it with its secret, which is not kept.

    Raises ValidationError for an unknown or missing scope, a blank name or an expiry that is past.
    """
    _require_own(by, member)
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown or not scopes:
        problem = f"There is no scope {unknown[0]!r}." if unknown else "A token needs at least one scope."
        raise ValidationError(f"{problem} Choose from: {', '.join(Scope.values)}.", code="scopes")
    if not name.strip():
        raise ValidationError("A token needs a name that says what uses it.", code="blank")
    if expires_at is not None and expires_at <= now:
        raise ValidationError("The token would have expired already. Choose a later moment.", code="expiry")
    if not member.is_active:
        raise ValidationError(f"{member.name} is deactivated, so a token could not act.", code="inactive")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        member=member, name=name.strip(), prefix=secret[:_SHOWN], sha256=digest(secret), scopes=sorted(set(scopes)),
        created_at=now, expires_at=expires_at,
    )  # fmt: skip
    check_row(token)
    token.save(force_insert=True)
    record(TokenIssued(token_id=token.pk, member_id=member.pk, actor=by.pk if by else ""), now=now)
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, now: datetime, by: Member | None = None) -> None:
    """Stop a token for good, from this moment; revoking twice changes nothing."""
    _require_own(by, token.member)
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        token.revoked_at = now
        record(TokenRevoked(token_id=token.pk, member_id=token.member_id, actor=by.pk if by else ""), now=now)


def _require_own(by: Member | None, member: Member) -> None:
    if by is not None and by.pk == member.pk:
        if not by.is_active:
            raise NotAllowed(f"{by.name} is deactivated. Nothing was changed; an owner can.")
        return
    require(by, Permission.MANAGE_TOKENS)
