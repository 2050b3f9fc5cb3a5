"""Members: made, given a role and a password, put out of service and back."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from unspoken.journal.actions import record
from unspoken.kit.validation import check_row, check_text

from ..events import MemberChanged
from ..models import Member, Role, Team
from ..permissions import NotAllowed, Permission, require


@transaction.atomic
def create_member(
    email: str,
    *,
    name: str,
    now: datetime,
    role: Role = Role.AGENT,
    password: str | None = None,
    teams: Iterable[Team] = (),
    by: Member | None = None,
) -> Member:
    """Make a member who signs in with `email`; without a password nobody can sign in yet.

    Raises ValidationError for a bad or taken address or a weak password, NotAllowed for a `by` who may not.
    """
    require(by, Permission.MANAGE_MEMBERS)
    email = email.strip().lower()
    check_text(email, field="email")
    validate_email(email)
    if Member.objects.filter(email=email).exists():
        raise ValidationError(f"{email} is a member already. Nobody was added.", code="taken")
    member = Member(email=email, name=name.strip() or email, role=Role(role), joined_at=now)
    if password is not None:
        validate_password(password, member)
    member.set_password(password)  # None: no password fits
    check_row(member)
    member.save(force_insert=True)
    member.teams.set(teams)
    _record(member, "created", by=by, now=now)
    return member


@transaction.atomic
def rename_member(member: Member, *, name: str, now: datetime, by: Member | None = None) -> None:
    """Change the name that colleagues and customers see; a member may change their own."""
    _require_self_or_manager(by, member)
    if not name.strip():
        raise ValidationError("A member needs a name. Nothing was changed.", code="blank")
    member.name = name.strip()
    check_row(member)
    member.save(update_fields=["name"])
    _record(member, "name", by=by, now=now)


@transaction.atomic
def set_role(member: Member, *, role: Role, now: datetime, by: Member | None = None) -> None:
    """Give `member` another role; refuses (ValidationError) to leave nobody who manages members."""
    require(by, Permission.MANAGE_MEMBERS)
    if Role(role) == member.role:
        return
    _keep_an_owner(member)
    member.role = Role(role)
    member.save(update_fields=["role"])
    _record(member, "role", by=by, now=now)


@transaction.atomic
def set_password(member: Member, *, password: str, now: datetime, by: Member | None = None) -> None:
    """Change a password, which ends the member's other sessions; raises ValidationError for a weak one."""
    _require_self_or_manager(by, member)
    validate_password(password, member)
    member.set_password(password)
    member.save(update_fields=["password"])
    _record(member, "password", by=by, now=now)


@transaction.atomic
def deactivate(member: Member, *, now: datetime, by: Member | None = None) -> None:
    """Put `member` out of service: no sign-in, and their tokens are revoked for good. Their work stays."""
    require(by, Permission.MANAGE_MEMBERS)
    if not member.is_active:
        return
    _keep_an_owner(member)
    member.is_active = False
    member.save(update_fields=["is_active"])
    member.tokens.filter(revoked_at=None).update(revoked_at=now)
    _record(member, "deactivated", by=by, now=now)


@transaction.atomic
def reactivate(member: Member, *, now: datetime, by: Member | None = None) -> None:
    """Let `member` sign in again; revoked tokens stay revoked."""
    require(by, Permission.MANAGE_MEMBERS)
    if member.is_active:
        return
    member.is_active = True
    member.save(update_fields=["is_active"])
    _record(member, "reactivated", by=by, now=now)


def _require_self_or_manager(by: Member | None, member: Member) -> None:
    if by is not None and by.pk == member.pk:
        if not by.is_active:
            raise NotAllowed(f"{by.name} is deactivated. Nothing was changed; an owner can.")
        return
    require(by, Permission.MANAGE_MEMBERS)


def _keep_an_owner(member: Member) -> None:
    owners = Member.objects.select_for_update().filter(role=Role.OWNER, is_active=True)
    if {owner.pk for owner in owners} == {member.pk}:
        message = f"{member.name} is the only active owner. Make somebody else an owner first; nothing was changed."
        raise ValidationError(message, code="last_owner")


def _record(member: Member, what: str, *, by: Member | None, now: datetime) -> None:
    record(MemberChanged(member_id=member.pk, what=what, actor=by.pk if by else ""), now=now)
