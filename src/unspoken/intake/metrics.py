"""What is measured of the way of a message, for Prometheus."""

from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram, generate_latest

from unspoken.conversations.models import Message, ReadingState
from unspoken.journal.models import Delivery, DeliveryState

_FAST = (0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

LATENCY = Histogram("unspoken_intake_seconds", "From submission to the committed message", buckets=_FAST)
BATCH = Histogram("unspoken_intake_batch_messages", "Messages per micro-batch", buckets=(1, 2, 4, 8, 16, 32, 48, 64))
COMMIT = Histogram("unspoken_intake_commit_seconds", "One transaction of a micro-batch", buckets=_FAST)
MODEL = Histogram("unspoken_model_seconds", "One call of the text model", buckets=_FAST)
MODEL_FAILURES = Counter("unspoken_model_failures_total", "Calls of the text model without an answer", ["why"])
MESSAGES = Counter("unspoken_messages_total", "Messages that came in", ["status"])
READINGS = Counter("unspoken_readings_total", "Readings stored")
ABSTENTIONS = Counter("unspoken_abstentions_total", "Messages not read", ["reason"])
RULE_FAILURES = Counter("unspoken_rule_failures_total", "Batches whose rules could not be evaluated")
WAITING = Gauge("unspoken_intake_queue_messages", "Messages waiting for a micro-batch")
PENDING_AGE = Gauge("unspoken_pending_age_seconds", "Age of the oldest message not analysed yet")
DELIVERY_AGE = Gauge("unspoken_delivery_age_seconds", "How long the oldest delivery is overdue")


def exposition(*, now: datetime) -> bytes:
    """Return all metrics of this process in Prometheus' text format; two small queries for the ages of the queues."""
    pending = Message.objects.filter(reading_state=ReadingState.PENDING).order_by("received_at")
    PENDING_AGE.set(_age(pending.values_list("received_at", flat=True).first(), now))
    due = Delivery.objects.filter(state=DeliveryState.WAITING).order_by("due_at")
    DELIVERY_AGE.set(_age(due.values_list("due_at", flat=True).first(), now))
    return generate_latest()


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
