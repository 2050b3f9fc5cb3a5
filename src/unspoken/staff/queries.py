"""Reads of members, teams and tokens."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from .actions.tokens import PREFIX, digest
from .models import ApiToken, Member, Team

_SEEN_EVERY = timedelta(minutes=1)


def member_of_token(secret: str, now: datetime) -> ApiToken | None:
    """Return the token (with its member) that `secret` opens, or None: unknown, expired, revoked, member inactive.

    Looked up by hash, so that the time taken tells nothing of any secret. Notes the use at most once a minute.
    """
    if not secret.startswith(PREFIX):
        return None
    token = ApiToken.objects.select_related("member").filter(sha256=digest(secret)).first()
    if token is None or token.revoked_at or not token.member.is_active:
        return None
    if token.expires_at and token.expires_at <= now:
        return None
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - _SEEN_EVERY)
    if token.last_used_at is None or now - token.last_used_at >= _SEEN_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
        token.last_used_at = now
    return token


def active_members() -> QuerySet[Member]:
    """Return everybody in service, by name, with their teams."""
    return Member.objects.filter(is_active=True).order_by("name", "id").prefetch_related("teams")


def teams() -> QuerySet[Team]:
    """Return all teams, by name."""
    return Team.objects.order_by("name")


def tokens_of(member: Member) -> QuerySet[ApiToken]:
    """Return a member's tokens that still work or only expired, newest first."""
    return member.tokens.filter(revoked_at=None).order_by("-created_at", "-id")


def names_of(member_ids: Iterable[str]) -> dict[str, str]:
    """Return the names of members by id, in one query; unknown ids are left out."""
    return dict(Member.objects.filter(pk__in=set(member_ids)).values_list("pk", "name"))
