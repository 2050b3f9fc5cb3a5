"""Webhooks: other systems that hear of what happens."""

from datetime import timedelta

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from unspoken.kit.addresses import AddressRefusedError
from unspoken.kit.clock import now
from unspoken.staff.permissions import Permission, require
from unspoken.webhooks import actions
from unspoken.webhooks.models import Attempt, Endpoint

from ..door import Request, door, say, show
from ..forms.settings import WebhookForm

REPLAYED_HOURS = {"1", "24", "168"}
ATTEMPTS = 5


@door
@require_http_methods(["GET", "POST"])
def webhooks(request: Request) -> HttpResponse:
    """Show the endpoints with their newest attempts; add one, whose secret is on this answer only."""
    require(request.user, Permission.MANAGE_WEBHOOKS)
    form, secret = WebhookForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.add_endpoint(
                data["url"], kinds=data["kinds"], description=data["description"], by=request.user, now=now()
            )
        except AddressRefusedError as problem:
            form.add_error("url", str(problem))
        else:
            secret, form = made.secret, WebhookForm()
    return _shown(request, form=form, secret=secret)


@door
@require_POST
def change(request: Request, endpoint_id: str, what: str) -> HttpResponse:
    """Switch an endpoint on or off, make a new secret, or deliver the last hours again."""
    require(request.user, Permission.MANAGE_WEBHOOKS)
    endpoint = _endpoints().filter(pk=endpoint_id).first()
    if endpoint is None:
        raise Http404
    moment = now()
    match what:
        case "on" | "off":
            actions.set_active(endpoint, active=what == "on", by=request.user, now=moment)
            say(request, f"{endpoint.url} is {what}.")
        case "secret":
            secret = actions.change_secret(endpoint, by=request.user, now=moment).secret
            return _shown(request, form=WebhookForm(), secret=secret)
        case "replay":
            hours = request.POST.get("hours", "24")
            since = moment - timedelta(hours=int(hours) if hours in REPLAYED_HOURS else 24)
            say(request, f"{actions.replay(endpoint, since=since, now=moment)} deliveries will be made again.")
        case _:
            raise Http404
    return redirect("settings-webhooks")


def _shown(request: Request, *, form: WebhookForm, secret: str) -> HttpResponse:
    return show(
        request, "web/settings/webhooks.html", section="settings", tab="webhooks", form=form, secret=secret,
        endpoints=_endpoints(),
    )  # fmt: skip


def _endpoints() -> QuerySet[Endpoint]:
    newest = Prefetch("attempts", Attempt.objects.order_by("-id")[:ATTEMPTS], to_attr="newest")
    return Endpoint.objects.order_by("created_at").prefetch_related(newest)
