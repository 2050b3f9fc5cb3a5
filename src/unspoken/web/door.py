"""What every page does at the door: who asks, the frame around the answer, refusals in words."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from unspoken.flags.queries import counters
from unspoken.journal.queries import last_entry_id
from unspoken.staff.models import Member
from unspoken.staff.permissions import NotAllowed, Permission, may

P = ParamSpec("P")
NUL = "The form contains a NUL character, which cannot be stored. Nothing was changed."


class Request(HttpRequest):
    """A request of a signed-in member."""

    user: Member
    htmx: HtmxDetails


def door(page: Callable[Concatenate[Request, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Ask for a sign-in first, and turn a refusal (`NotAllowed`) into a page that says who may."""

    @wraps(page)
    def answer(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.htmx and not request.user.is_authenticated:
            return HttpResponseClientRefresh()  # a whole page, so that the sign-in does not land inside another
        if request.user.is_authenticated and _holds_nul(request):
            return HttpResponseBadRequest(NUL, content_type="text/plain; charset=utf-8")
        try:
            response = login_required(page)(request, *args, **kwargs)
        except NotAllowed as refusal:
            return render(request, "403.html", {"refusal": str(refusal)}, status=403)
        response.setdefault("Cache-Control", "private, no-store")
        return response

    return answer


def _holds_nul(request: HttpRequest) -> bool:
    """Tell whether a form holds what no browser sends; one with a file is read by its page, which looks itself."""
    if request.method != "POST" or request.content_type == "multipart/form-data":
        return False
    return any("\x00" in value for _, values in request.POST.lists() for value in values)


def show(request: Request, template: str, *, section: str, **context: Any) -> HttpResponse:
    """Render a page in its frame."""
    return render(request, template, context | frame(request.user) | {"section": section})


def show_part(request: Request, template: str, **context: Any) -> HttpResponse:
    """Render a part of a page (`page.html#part`) without the frame."""
    return render(request, template, context)


def frame(member: Member) -> dict[str, Any]:
    """Return what the navigation shows to `member`."""
    return {
        "counters": counters(member), "sees_journal": may(member, Permission.SEE_AUDIT), "since_entry": last_entry_id(),
        "sees_webhooks": may(member, Permission.MANAGE_WEBHOOKS),
    }  # fmt: skip


def back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """Send the browser to the page named in `next`, if it is one of ours, else to `otherwise`."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = otherwise
    return HttpResponseRedirect(target)


def say(request: HttpRequest, words: str) -> None:
    """Show a line at the top of the next page."""
    messages.success(request, words)


def say_wrong(request: HttpRequest, problem: ValidationError | ValueError | str) -> None:
    """Show at the top of the next page what could not be done."""
    lines = problem.messages if isinstance(problem, ValidationError) else [str(problem)]
    for line in lines:
        messages.error(request, line)


def put_problems(form: forms.Form, problem: ValidationError, *, elsewhere: Mapping[str, str] | None = None) -> None:
    """Show what an action refused beside the fields it is about; elsewhere: our names of the action's fields."""
    if not hasattr(problem, "error_dict"):
        form.add_error(None, problem.messages)
        return
    for name, texts in problem.message_dict.items():
        field = (elsewhere or {}).get(name, name)
        form.add_error(field if field in form.fields else None, texts)
