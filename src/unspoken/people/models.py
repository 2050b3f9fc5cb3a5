"""The ordinary customer record: who a contact is, how to reach them, what they bought, returned, visited."""

from django.db import models
from django.db.models.functions import Coalesce

from unspoken.kit.constraints import one_of
from unspoken.kit.ids import IdField
from unspoken.staff.models import Member


class Channel(models.TextChoices):
    """The ways by which people reach us; also the kinds of identity."""

    CHAT = "chat", "Chat"
    EMAIL = "email", "E-mail"
    CALL = "call", "Call"
    REVIEW = "review", "Review"
    SURVEY = "survey", "Survey"
    MENTION = "mention", "Public mention"


class Organisation(models.Model):
    id = IdField(prefix="org")
    name = models.CharField(max_length=200, unique=True)
    domain = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    name = models.CharField(max_length=60, unique=True)

    def __str__(self) -> str:
        return self.name


LATEST = Coalesce("last_seen_at", "created_at")
"""When a contact was last heard of: seen, or else added."""


class Contact(models.Model):
    """A person outside the organisation. `merged_into` is set while this record is absorbed by another."""

    id = IdField(prefix="ct")
    name = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=120, blank=True)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts"
    )
    owner = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="contacts")
    tags = models.ManyToManyField(Tag, blank=True, related_name="contacts")
    city = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=12, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    preferences = models.JSONField(default=dict, blank=True)
    search = models.TextField(blank=True, editable=False)  # what find-as-you-type looks through (search.py)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="absorbed", db_index=False
    )

    class Meta:
        indexes = [  # of the few that are merged: an index of all would tempt SQLite to read every contact through it
            models.Index(fields=["merged_into"], name="contact_merged", condition=models.Q(merged_into__isnull=False)),
            models.Index(LATEST, "id", name="contact_by_latest"),
        ]

    def __str__(self) -> str:
        return self.name or self.id


class IdentityKind(models.TextChoices):
    EMAIL = "email", "E-mail"
    PHONE = "phone", "Phone"
    CHAT = "chat", "Chat"
    SOCIAL = "social", "Social"
    EXTERNAL = "external", "Other system"


class Identity(models.Model):
    """A contact's handle on one kind of channel: an e-mail address, a phone number (E.164), a chat or social handle."""

    id = IdField(prefix="idn")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=10, choices=IdentityKind.choices)
    handle = models.CharField(max_length=254)  # normalised; for `external`: "source:id"
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(fields=["kind", "handle"], name="identity_once"),
            one_of("kind", IdentityKind, app="identity"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.handle}"


class Note(models.Model):
    id = IdField(prefix="note")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="notes", db_index=False)
    author = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL)
    text = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["contact", "-created_at"], name="note_by_contact")]

    def __str__(self) -> str:
        return self.text[:60]


class PreferenceChange(models.Model):
    """What a contact told us they prefer, when; `Contact.preferences` holds what is so now. None: no longer."""

    id = IdField(prefix="prf")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="preference_changes", db_index=False)
    name = models.CharField(max_length=60)
    value = models.JSONField(null=True)
    by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["contact", "-at"], name="preference_by_contact")]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class Order(models.Model):
    """A purchase. `lines`: [{product, quantity, price}]; `total` in `currency`."""

    id = IdField(prefix="ord")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="orders", db_index=False)
    number = models.CharField(max_length=60, unique=True)
    status = models.CharField(max_length=20, blank=True)
    lines = models.JSONField(default=list, blank=True)
    total = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    currency = models.CharField(max_length=3, default="GBP")
    placed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["contact", "-placed_at"], name="order_by_contact")]

    def __str__(self) -> str:
        return self.number


class Return(models.Model):
    id = IdField(prefix="ret")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="returns", db_index=False)
    order = models.ForeignKey(Order, null=True, blank=True, on_delete=models.SET_NULL, related_name="returns")
    product = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    status = models.CharField(max_length=20, blank=True)
    requested_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["contact", "-requested_at"], name="return_by_contact")]

    def __str__(self) -> str:
        return f"{self.product}: {self.reason[:40]}"


class Visit(models.Model):
    id = IdField(prefix="vis")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="visits", db_index=False)
    where = models.CharField(max_length=20)
    what = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["contact", "-at"], name="visit_by_contact")]

    def __str__(self) -> str:
        return f"{self.where}: {self.what[:40]}"


class Merge(models.Model):
    """One merge of two contacts, and what it moved, so that it can be undone exactly.

    `moved`: {"rows": {"app.Model.field": [ids]}, "fields": {name: [before, after]}, "keys": {name: {added}},
    "tags": [ids]}
    """

    id = IdField(prefix="mrg")
    kept = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="merges")
    absorbed = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="absorptions")
    moved = models.JSONField(default=dict)
    by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.absorbed_id} → {self.kept_id}"
