"""Who works here: members with a role, teams with an alert budget, API tokens."""

from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from unspoken.kit.constraints import one_of
from unspoken.kit.ids import IdField


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    LEAD = "lead", "Team lead"
    AGENT = "agent", "Agent"
    ANALYST = "analyst", "Analyst"
    PRIVACY = "privacy", "Privacy officer"


class QuietHours(models.Model):
    """When no alert interrupts, in local time; and how many alerts an hour are allowed (None: no limit)."""

    timezone = models.CharField(max_length=64, default="UTC")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    alerts_per_hour = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        abstract = True


class Team(QuietHours):
    id = IdField(prefix="team")
    name = models.CharField(max_length=120, unique=True)
    alerts_per_hour = models.PositiveIntegerField(null=True, blank=True, default=20)

    def __str__(self) -> str:
        return self.name


if TYPE_CHECKING:
    MemberManager = BaseUserManager["Member"]
else:
    MemberManager = BaseUserManager


class Members(MemberManager):
    def get_by_natural_key(self, username: str | None) -> "Member":
        return self.get(email=(username or "").strip().lower())


class Member(AbstractBaseUser, QuietHours):
    """A person who signs in. `email` is lower case."""

    id = IdField(prefix="mem")
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.AGENT)
    teams = models.ManyToManyField(Team, related_name="members", blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField()

    objects: ClassVar[Members] = Members()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [one_of("role", Role, app="member")]

    def __str__(self) -> str:
        return self.name

    @property
    def sees_all_teams(self) -> bool:
        """Whether conversations of every team are open to this member."""
        return self.role in {Role.OWNER, Role.PRIVACY}


class Scope(models.TextChoices):
    MESSAGES_WRITE = "messages:write", "Send messages in"
    CONVERSATIONS_READ = "conversations:read", "Read conversations, readings and flags"
    CONVERSATIONS_WRITE = "conversations:write", "Change conversations and reply"
    CONTACTS_READ = "contacts:read", "Read contacts"
    CONTACTS_WRITE = "contacts:write", "Change contacts"
    CONSENT_WRITE = "consent:write", "Record consents and withdrawals"
    FLAGS_WRITE = "flags:write", "Decide on flags"
    WEBHOOKS = "webhooks", "Manage webhooks"


class ApiToken(models.Model):
    """A key for a program. Only its SHA-256 is kept; it acts with its member's rights, narrowed by `scopes`."""

    id = IdField(prefix="tok")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16)
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
