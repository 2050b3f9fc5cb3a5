"""Webhook endpoints, and the journal that they are told of, for those who would rather ask."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from unspoken.journal.queries import entries_after
from unspoken.kit.clock import now
from unspoken.staff.hearing import hearing_of, notice_of
from unspoken.staff.models import Scope
from unspoken.staff.permissions import Permission, require
from unspoken.webhooks import actions
from unspoken.webhooks.models import Endpoint

from .inbound import Strict
from .tokens import Token, asker

router = Router(tags=["webhooks"])
AUTH = Token(Scope.WEBHOOKS)


class EndpointIn(Strict):
    """A public HTTPS address. `kinds`: such as `flag.raised`, or a family such as `flag.`; empty: everything."""

    url: Annotated[str, Field(max_length=500)]
    kinds: Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=50)] = []
    description: Annotated[str, Field(max_length=200)] = ""


class EndpointOut(Schema):
    id: str
    url: str
    kinds: list[str]
    description: str
    is_active: bool
    created_at: datetime


class NewEndpointOut(EndpointOut):
    """With the secret, which is shown only now."""

    secret: str


class ActiveIn(Strict):
    is_active: bool


class ReplayIn(Strict):
    since: datetime


def _endpoint(request: HttpRequest, endpoint_id: str) -> Endpoint:
    require(asker(request), Permission.MANAGE_WEBHOOKS)
    return Endpoint.objects.get(pk=endpoint_id)


@router.get("/webhooks", auth=AUTH, response=list[EndpointOut])
def list_endpoints(request: HttpRequest) -> Any:
    """List endpoints."""
    require(asker(request), Permission.MANAGE_WEBHOOKS)
    return list(Endpoint.objects.order_by("created_at"))


@router.post("/webhooks", auth=AUTH, response={201: NewEndpointOut})
def add_endpoint(request: HttpRequest, new: EndpointIn) -> Any:
    """Add an endpoint. Payloads are thin (ids), signed by Standard Webhooks, tried again for three days."""
    by = asker(request)
    require(by, Permission.MANAGE_WEBHOOKS)
    return Status(201, actions.add_endpoint(new.url, kinds=new.kinds, description=new.description, by=by, now=now()))


@router.patch("/webhooks/{endpoint_id}", auth=AUTH, response=EndpointOut)
def switch_endpoint(request: HttpRequest, endpoint_id: str, change: ActiveIn) -> Any:
    """Switch an endpoint on or off."""
    endpoint = _endpoint(request, endpoint_id)
    return actions.set_active(endpoint, active=change.is_active, by=asker(request), now=now())


@router.post("/webhooks/{endpoint_id}/secret", auth=AUTH, response={201: NewEndpointOut})
def change_secret(request: HttpRequest, endpoint_id: str) -> Any:
    """Make a new secret; the old one signs beside it for a day."""
    return Status(201, actions.change_secret(_endpoint(request, endpoint_id), by=asker(request), now=now()))


@router.post("/webhooks/{endpoint_id}/replay", auth=AUTH, response=dict[str, int])
def replay(request: HttpRequest, endpoint_id: str, replay: ReplayIn) -> dict[str, int]:
    """Deliver again what happened since a moment, with the same webhook-ids."""
    return {"deliveries": actions.replay(_endpoint(request, endpoint_id), since=replay.since, now=now())}


@router.get("/events", auth=Token(Scope.CONVERSATIONS_READ), response=dict[str, Any])
def list_events(
    request: HttpRequest, after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:  # fmt: skip
    """List what happened after event `after`, oldest first: kinds and ids. Ask again with `last`."""
    entries = entries_after(after, limit=limit)
    hearing = hearing_of(asker(request).pk)
    seen = [
        {"id": entry.id, "at": entry.at, **notice_of(entry)} for entry in entries if hearing and hearing.covers(entry)
    ]
    return {"items": seen, "last": entries[-1].id if entries else after}
