"""What a contact bought, sent back and visited. `now` is when it is recorded and, unless said, when it happened."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from unspoken.kit.validation import check_row
from unspoken.staff.models import Member

from ..models import Contact, Order, Return, Visit
from ..search import refresh_search
from .changing import changed, hold


@transaction.atomic
def record_order(
    contact: Contact,
    *,
    number: str,
    now: datetime,
    lines: Sequence[dict[str, Any]] = (),
    total: Decimal = Decimal(0),
    currency: str = "GBP",
    status: str = "",
    placed_at: datetime | None = None,
    by: Member | None = None,
) -> Order:
    """Record a purchase, or bring the contact's order of this number up to date.

    `lines`: [{product, quantity, price}]. Raises ValidationError when the number is another contact's.
    """
    hold(contact, by=by)
    order = Order.objects.filter(number=number.strip()).first()
    if order is not None and order.contact_id != contact.pk:
        raise ValidationError({"number": [f"Order {order.number} is another contact's. Nothing was recorded."]})
    order = order or Order(contact=contact, number=number.strip(), placed_at=placed_at or now)
    order.placed_at = placed_at or order.placed_at
    order.lines, order.total, order.currency, order.status = list(lines), total, currency, status
    check_row(order)
    order.save()
    refresh_search([contact.pk])
    contact.refresh_from_db(fields=["search"])
    _seen(contact, "order", order.placed_at, by, now)
    return order


@transaction.atomic
def record_return(
    contact: Contact,
    *,
    product: str,
    now: datetime,
    reason: str = "",
    status: str = "",
    order_number: str = "",
    requested_at: datetime | None = None,
    by: Member | None = None,
) -> Return:
    """Record that something is sent back; raises ValidationError when the contact has no order of that number."""
    hold(contact, by=by)
    order = contact.orders.filter(number=order_number.strip()).first() if order_number.strip() else None
    if order is None and order_number.strip():
        raise ValidationError({"order_number": [f"{contact} has no order {order_number}. Nothing was recorded."]})
    item = Return(
        contact=contact, order=order, product=product.strip(), reason=reason.strip(), status=status,
        requested_at=requested_at or now,
    )  # fmt: skip
    check_row(item)
    item.save(force_insert=True)
    _seen(contact, "return", item.requested_at, by, now)
    return item


@transaction.atomic
def record_visit(
    contact: Contact,
    *,
    where: str,
    now: datetime,
    what: str = "",
    at: datetime | None = None,
    by: Member | None = None,
) -> Visit:
    """Record that a contact was somewhere of ours: `where` (shop, website, app …), `what` they looked at."""
    hold(contact, by=by)
    visit = Visit(contact=contact, where=where.strip(), what=what.strip(), at=at or now)
    check_row(visit)
    visit.save(force_insert=True)
    _seen(contact, "visit", visit.at, by, now)
    return visit


def _seen(contact: Contact, what: str, at: datetime, by: Member | None, now: datetime) -> None:
    if contact.last_seen_at is None or contact.last_seen_at < at:
        contact.last_seen_at = at
        contact.save(update_fields=["last_seen_at"])
    changed(contact, what, by=by, now=now)
