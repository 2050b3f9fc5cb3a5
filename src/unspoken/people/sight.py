"""Whose record a member may see: those they own, those that wrote to their teams or to no team, or not yet at all."""

from django.db.models import OuterRef, Q, Subquery
from django.db.models.lookups import IsNull

from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, may
from unspoken.staff.sight import NOTHING, in_sight

from .models import Contact


def contacts_in_sight(member: Member) -> Q:
    """Return the condition for contacts that `member` may see."""
    if not may(member, Permission.SEE_CONTACTS):
        return NOTHING
    if member.sees_all_teams:
        return Q()
    # A contact without conversations has no team either, so it passes the same condition.
    reached = Contact.objects.filter(in_sight(member, team="conversations__team"), pk=OuterRef("pk"))
    # Not Exists(): PostgreSQL answers that by reading every conversation first, where a few rows are what is wanted.
    return Q(owner=member) | Q(IsNull(Subquery(reached.values("pk")[:1]), False))
