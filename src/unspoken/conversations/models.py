"""Where messages live: inbox → conversation → message. A call is a conversation of spoken segments."""

from django.db import models
from django.db.models import Q

from unspoken.kit.constraints import one_of
from unspoken.kit.ids import IdField
from unspoken.people.models import Channel, Contact
from unspoken.staff.models import Member, Team


class Inbox(models.Model):
    """A door through which messages of one channel come; `connector` names the folder that answers through it."""

    id = IdField(prefix="inb")
    name = models.CharField(max_length=120, unique=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    connector = models.CharField(max_length=40, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="inboxes")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "inboxes"

    def __str__(self) -> str:
        return self.name


class Label(models.Model):
    name = models.CharField(max_length=60, unique=True)

    def __str__(self) -> str:
        return self.name


class Status(models.TextChoices):
    OPEN = "open", "Open"
    WAITING = "waiting", "Waiting for the customer"
    SNOOZED = "snoozed", "Snoozed"
    RESOLVED = "resolved", "Resolved"


_QUEUE_ORDER = ["-attention", "-last_message_at", "-id"]
_RECENT_ORDER = ["-last_message_at", "-id"]


class Conversation(models.Model):
    """`attention` (0…1) says how much it needs a person now: set from its trajectory, sorted by in the queue."""

    id = IdField(prefix="cv")
    inbox = models.ForeignKey(Inbox, on_delete=models.PROTECT, related_name="conversations")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    # No index of their own: those of the lists below begin with them.
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="conversations", db_index=False
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations", db_index=False
    )
    assignee = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations", db_index=False
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    labels = models.ManyToManyField(Label, blank=True, related_name="conversations")
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=254)
    opened_at = models.DateTimeField()
    last_message_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True, blank=True)  # first customer message not yet answered
    resolved_at = models.DateTimeField(null=True, blank=True)
    message_count = models.PositiveIntegerField(default=0)
    attention = models.FloatField(default=0.0)
    version = models.PositiveIntegerField(default=0)  # grows with every change; pages use it to notice one

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="conversation_once"),
            one_of("status", Status, app="conversation"),
            one_of("channel", Channel, app="conversation"),
            models.CheckConstraint(condition=Q(attention__gte=0) & Q(attention__lte=1), name="attention_range"),
        ]
        # Each ends in what its list is sorted by, down to the id, so that no page is ever sorted; the columns after the
        # id let the counters count in the index alone. What belongs to no team has indexes of its own: PostgreSQL does
        # not know that rows found by IS NULL come in the order of the index.
        indexes = [
            models.Index(fields=["status", *_QUEUE_ORDER, "assignee"], name="conversation_queue"),
            models.Index(
                fields=["team", "status", *_QUEUE_ORDER, "assignee"],
                name="conversation_of_team",
                condition=Q(team__isnull=False),
            ),
            models.Index(
                fields=["status", *_QUEUE_ORDER, "assignee", "team"],
                name="conversation_of_all",
                condition=Q(team__isnull=True),
            ),
            models.Index(
                fields=["assignee", "status", *_QUEUE_ORDER],
                name="conversation_mine",
                condition=Q(assignee__isnull=False),
            ),
            models.Index(
                fields=["team", *_RECENT_ORDER], name="conversation_recent_of_team", condition=Q(team__isnull=False)
            ),
            models.Index(fields=_RECENT_ORDER, name="conversation_recent_of_all", condition=Q(team__isnull=True)),
            models.Index(fields=["contact", *_RECENT_ORDER], name="conversation_contact"),
            models.Index(
                fields=["status", "waiting_since"],
                name="conversation_waiting",
                condition=Q(waiting_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.subject or f"{self.get_channel_display()} {self.id}"


class Author(models.TextChoices):
    CUSTOMER = "customer", "Customer"
    AGENT = "agent", "Agent"
    BOT = "bot", "Bot"
    SYSTEM = "system", "System"


class Kind(models.TextChoices):
    """What a message is. `note` is private to staff."""

    CHAT = "chat", "Chat message"
    EMAIL = "email", "E-mail"
    SEGMENT = "segment", "Spoken segment"
    REVIEW = "review", "Review"
    SURVEY = "survey", "Survey answer"
    MENTION = "mention", "Public mention"
    NOTE = "note", "Private note"


class ReadingState(models.TextChoices):
    PENDING = "pending", "Not analysed yet"
    READ = "read", "Read"
    ABSTAINED = "abstained", "Not read, with a reason"
    SKIPPED = "skipped", "Never read (not a customer's words)"


class Sending(models.TextChoices):
    NONE = "none", "Came in"
    QUEUED = "queued", "To be sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Could not be sent"


class Message(models.Model):
    """One message. `text` is the author's own words; quoted history and signature lie in `folded`.

    Unique by (source, external_id), so that a repeated delivery has one effect.
    """

    id = IdField(prefix="msg")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False
    )  # indexed below, in order
    source = models.CharField(max_length=60)
    external_id = models.CharField(max_length=254)
    author_kind = models.CharField(max_length=10, choices=Author.choices)
    author_name = models.CharField(max_length=200, blank=True)
    member = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages")
    private = models.BooleanField(default=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField(blank=True)
    folded = models.JSONField(default=dict, blank=True)  # {"quoted": …, "signature": …}
    stars = models.PositiveSmallIntegerField(null=True, blank=True)
    product = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=12, blank=True)
    metadata = models.JSONField(default=dict, blank=True)  # what the source said beside it: headers, url, vendor labels
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    reading_state = models.CharField(max_length=10, choices=ReadingState.choices, default=ReadingState.PENDING)
    reason = models.CharField(max_length=30, blank=True)  # affect.Reason of an abstention
    sending = models.CharField(max_length=10, choices=Sending.choices, default=Sending.NONE)
    sending_error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="message_once"),
            one_of("author_kind", Author, app="message"),
            one_of("kind", Kind, app="message"),
            one_of("reading_state", ReadingState, app="message"),
            models.CheckConstraint(
                condition=Q(author_kind="customer", private=False) | Q(reading_state="skipped"),
                name="message_only_customers_words_are_read",
            ),
            models.CheckConstraint(
                condition=Q(sending="none") | Q(author_kind="agent", private=False),
                name="message_only_members_send",
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "occurred_at", "id"], name="message_in_conversation"),
            models.Index(fields=["received_at"], name="message_pending", condition=Q(reading_state="pending")),
            models.Index(fields=["received_at"], name="message_queued", condition=Q(sending="queued")),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class CannedReply(models.Model):
    id = IdField(prefix="can")
    title = models.CharField(max_length=120, unique=True)
    text = models.TextField()

    class Meta:
        verbose_name_plural = "canned replies"

    def __str__(self) -> str:
        return self.title
