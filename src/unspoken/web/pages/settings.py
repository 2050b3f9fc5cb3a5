"""Settings of one's own: name, password, quiet hours, tokens. Those of the house are in `house.py`."""

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from unspoken.kit.clock import now
from unspoken.staff import actions
from unspoken.staff.models import Member, Team
from unspoken.staff.queries import tokens_of

from ..door import Request, door, put_problems, say, show
from ..forms.settings import NameForm, PasswordForm, QuietForm, TokenForm


@door
@require_http_methods(["GET", "POST"])
def own(request: Request) -> HttpResponse:
    """Show and change one's own name, password and quiet hours."""
    member, asked = request.user, request.POST.get("form", "")
    forms: dict[str, Any] = {
        "name": NameForm(request.POST if asked == "name" else None, initial={"name": member.name}),
        "password": PasswordForm(request.POST if asked == "password" else None),
        "quiet": QuietForm(request.POST if asked == "quiet" else None, initial=quiet_of(member)),
    }
    form = forms.get(asked)
    if form is not None and form.is_valid() and _kept(request, asked, form):
        return redirect("settings")
    return show(request, "web/settings/own.html", section="settings", tab="own", forms=forms)


@door
@require_http_methods(["GET", "POST"])
def tokens(request: Request) -> HttpResponse:
    """Show one's tokens; a new one's secret is on this answer and nowhere else ever again."""
    form, secret, moment = TokenForm(request.POST or None), "", now()
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            _, secret = actions.issue_token(
                request.user, name=data["name"], scopes=data["scopes"], now=moment, expires_at=form.expires_at(moment),
                by=request.user,
            )  # fmt: skip
        except ValidationError as problem:
            put_problems(form, problem)
        else:
            form = TokenForm()
    return show(
        request, "web/settings/tokens.html", section="settings", tab="tokens", form=form, secret=secret,
        tokens=tokens_of(request.user), moment=moment,
    )  # fmt: skip


@door
@require_POST
def revoke(request: Request, token_id: str) -> HttpResponse:
    """Stop one of one's tokens for good."""
    token = tokens_of(request.user).filter(pk=token_id).first()
    if token is None:
        raise Http404
    actions.revoke_token(token, now=now(), by=request.user)
    say(request, f"The token “{token.name}” works no more.")
    return redirect("settings-tokens")


def quiet_of(whose: Member | Team) -> dict[str, Any]:
    """Return the quiet hours of a member or team as a form's initial values."""
    return {name: getattr(whose, name) for name in ("timezone", "quiet_from", "quiet_until", "alerts_per_hour")}


def _kept(request: Request, asked: str, form: Any) -> bool:
    member, data = request.user, form.cleaned_data
    if asked == "password" and not member.check_password(data["old"]):
        form.add_error("old", "This is not the present password. Nothing was changed.")
        return False
    try:
        match asked:
            case "name":
                actions.rename_member(member, name=data["name"], now=now(), by=member)
            case "password":
                actions.set_password(member, password=data["new"], now=now(), by=member)
                update_session_auth_hash(request, member)
            case _:
                actions.set_quiet_hours(member, **data, now=now(), by=member)
    except ValidationError as problem:
        put_problems(form, problem, elsewhere={"password": "new"})
        return False
    say(request, "Kept.")
    return True
