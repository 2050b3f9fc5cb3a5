"""Hazel & Rook, the imagined shop: its members, inboxes, contacts, orders and consents.

Made in one transaction, through the ordinary actions. `history.py` then lets the last ninety days happen.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from unspoken.conversations.models import CannedReply, Inbox
from unspoken.people import actions as people
from unspoken.people.models import Channel, Contact, Identity, IdentityKind
from unspoken.privacy.actions import record_consent
from unspoken.staff import actions as staff
from unspoken.staff.models import Member, Role, Team

from . import written

PASSWORD = "hazel-and-rook-demo"  # noqa: S105 - printed at the start; the demo holds nobody's data
MEMBERS = (
    ("ada", "Ada Lindqvist", Role.OWNER, ("Care", "Community")),
    ("ben", "Ben Adeyemi", Role.AGENT, ("Care",)),
    ("cleo", "Cleo Marchetti", Role.AGENT, ("Community",)),
    ("dara", "Dara Flynn", Role.LEAD, ("Care", "Community")),
    ("ana", "Ana Petrescu", Role.ANALYST, ()),
    ("pia", "Pia Novak", Role.PRIVACY, ()),
)
INBOXES = (
    ("Website chat", Channel.CHAT, "Care"),
    ("Support e-mail", Channel.EMAIL, "Care"),
    ("Phone", Channel.CALL, "Care"),
    ("Reviews", Channel.REVIEW, "Community"),
    ("Surveys", Channel.SURVEY, "Community"),
    ("Mentions", Channel.MENTION, "Community"),
)
LINE = "Telephone line"
"""The inbox whose calls are listened to while they are under way."""


@dataclass(frozen=True, slots=True)
class Shop:
    """The members by short name and the contacts by key."""

    members: dict[str, Member]
    contacts: dict[str, Contact]


def address(key: str) -> str:
    """Return a member's sign-in address."""
    return f"{key}@hazel-and-rook.example"


def open_shop(*, now: datetime) -> Shop:
    """Make the shop, or find it as it was made."""
    known = {
        member.email.split("@")[0]: member
        for member in Member.objects.filter(email__endswith="@hazel-and-rook.example")
    }
    if not known:
        with transaction.atomic():
            known = _hire(now)
            for contact in written.contacts().values():
                _welcome(contact, known, now)
    handles = {
        identity.handle: identity.contact
        for identity in Identity.objects.filter(kind="external").select_related("contact")
    }
    return Shop(known, {key: handles[f"demo:{key}"] for key in written.contacts() if f"demo:{key}" in handles})


def _hire(now: datetime) -> dict[str, Member]:
    long_ago = now - timedelta(days=400)
    teams = {name: staff.create_team(name, now=long_ago) for name in ("Care", "Community")}
    members = {}
    for key, name, role, of_teams in MEMBERS:
        members[key] = staff.create_member(address(key), name=name, role=role, password=PASSWORD, now=long_ago)
        for team in of_teams:
            staff.join_team(members[key], team=teams[team], now=long_ago)
    for name, channel, team in INBOXES:
        Inbox.objects.create(name=name, channel=channel, team=Team.objects.get(name=team), created_at=long_ago)
    Inbox.objects.create(
        name=LINE,
        channel=Channel.CALL,
        team=Team.objects.get(name="Care"),
        created_at=long_ago,
        connector="twilio",
        settings={"dialect": "twilio", "customer_track": "inbound", "key": secrets.token_urlsafe(24)},
    )
    CannedReply.objects.bulk_create(CannedReply(**canned) for canned in written.lines_of("canned.jsonl"))
    return members


def _welcome(told: dict[str, Any], members: dict[str, Member], now: datetime) -> None:
    def ago(days: float) -> datetime:
        return now - timedelta(days=days)

    first = ago(max([95.0, *(item["days_ago"] for item in [*told["consents"], *told["orders"]])]) + 1)
    contact = people.create_contact(
        name=told["name"], title=told.get("title") or "", organisation=told.get("organisation") or "",
        city=told.get("city") or "", country=told.get("country") or "", language=told.get("language") or "",
        attributes=told.get("attributes") or {}, preferences=told.get("preferences") or {},
        owner=members.get(told.get("owner") or ""), now=first,
    )  # fmt: skip
    for kind, handle in handles_of(told):
        people.add_identity(contact, kind=kind, handle=handle, now=first)
    for tag in told.get("tags") or []:
        people.tag(contact, name=tag, now=first)
    for consent in sorted(told["consents"], key=lambda consent: -consent["days_ago"]):
        record_consent(
            contact, modality=consent["modality"], purpose=consent["purpose"], decision=consent["decision"],
            source=consent["source"], notice="2026-06", now=ago(consent["days_ago"]),
        )  # fmt: skip
    _record_dealings(contact, told, members, ago)


def handles_of(told: dict[str, Any]) -> list[tuple[IdentityKind, str]]:
    handles = told.get("handles") or {}
    found = [
        (IdentityKind.EXTERNAL, f"demo:{told['key']}"),
        (IdentityKind.EMAIL, told.get("email")),
        (IdentityKind.PHONE, told.get("phone")),
        (IdentityKind.CHAT, handles.get("chat")),
        (IdentityKind.SOCIAL, handles.get("mention")),
    ]
    return [(kind, handle) for kind, handle in found if handle]


def _record_dealings(contact: Contact, told: dict[str, Any], members: dict[str, Member], ago: Any) -> None:
    for order in told["orders"]:
        people.record_order(
            contact, number=order["number"], status=order["status"], lines=order["lines"], currency="GBP",
            total=sum((Decimal(str(line["price"])) * line["quantity"] for line in order["lines"]), Decimal(0)),
            now=ago(order["days_ago"]),
        )  # fmt: skip
    for item in told.get("returns") or []:
        people.record_return(
            contact, order_number=item["order"], product=item["product"], reason=item["reason"],
            status=item["status"], now=ago(item["days_ago"]),
        )  # fmt: skip
    for visit in told.get("visits") or []:
        people.record_visit(contact, where=visit["where"], what=visit["what"], now=ago(visit["days_ago"]))
    for note in told.get("notes") or []:
        people.add_note(contact, text=note["text"], by=members[note["by"]], now=ago(note["days_ago"]))
