"""`Idempotency-Key`: the same request again gets the same answer; another request under the same key is refused.

As in the IETF draft draft-ietf-httpapi-idempotency-key-header: 422 for a key with another request, 409 while the first
is still being worked on. A request that died half-way frees its key after a minute.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from unspoken.staff.models import ApiToken

from .models import KeptAnswer
from .problems import Problem

KEPT = timedelta(hours=24)
ABANDONED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The answer that was given to the same request before."""

    status: int
    body: str


def begin(token: ApiToken, key: str, request: bytes, *, now: datetime) -> Earlier | KeptAnswer:
    """Return the earlier answer, or the open entry that `finish` completes; raise Problem 409 or 422."""
    if len(key) > 255:
        raise Problem(422, "The Idempotency-Key is too long.", "At most 255 characters.")
    if "\x00" in key:
        raise Problem(422, "The Idempotency-Key contains a NUL character.", "Leave it out.")
    fingerprint = hashlib.sha256(request).hexdigest()
    KeptAnswer.objects.filter(begun_at__lt=now - KEPT).delete()
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(token=token, key=key, fingerprint=fingerprint, begun_at=now)
    except IntegrityError:
        kept = KeptAnswer.objects.get(token=token, key=key)
    if kept.fingerprint != fingerprint:
        raise Problem(422, "This Idempotency-Key belongs to another request.", "Use a new key for a new request.")
    if kept.status is not None:
        return Earlier(kept.status, kept.body)
    if kept.begun_at > now - ABANDONED:
        raise Problem(409, "The same request is still being worked on.", "Ask again in a moment.", retry_after=1)
    kept.begun_at = now
    kept.save(update_fields=["begun_at"])
    return kept


def finish(kept: KeptAnswer, *, status: int, body: str) -> None:
    """Keep the answer for whoever asks again."""
    KeptAnswer.objects.filter(pk=kept.pk).update(status=status, body=body)


def abandon(kept: KeptAnswer) -> None:
    """Free the key: nothing was done under it."""
    KeptAnswer.objects.filter(pk=kept.pk).delete()
