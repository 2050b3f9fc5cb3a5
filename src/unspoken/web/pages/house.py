"""Settings of the house: members, teams, inboxes, canned replies."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from unspoken.conversations.actions import create_inbox, delete_canned_reply, save_canned_reply, update_inbox
from unspoken.conversations.models import Inbox
from unspoken.conversations.queries import canned_replies
from unspoken.kit.clock import now
from unspoken.people.models import Channel
from unspoken.staff import actions
from unspoken.staff.models import Member, Role, Team
from unspoken.staff.permissions import Permission, may, require
from unspoken.staff.queries import active_members, teams

from ..door import Request, door, put_problems, say, say_wrong, show
from ..forms.settings import CannedForm, InboxChangeForm, InboxForm, MemberForm, QuietForm, RoleForm, TeamForm
from .settings import quiet_of


@door
@require_http_methods(["GET", "POST"])
def members(request: Request) -> HttpResponse:
    """Show everybody who works here; add somebody."""
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.create_member(
                data["email"], name=data["name"], role=Role(data["role"]), password=data["password"],
                teams=data["teams"], now=now(), by=request.user,
            )  # fmt: skip
        except ValidationError as problem:
            put_problems(form, problem)
        else:
            say(request, f"{made.name} can sign in with {made.email}.")
            return redirect("settings-members")
    return show(
        request, "web/settings/members.html", section="settings", tab="members", form=form, members=active_members(),
        may_manage=may(request.user, Permission.MANAGE_MEMBERS),
    )  # fmt: skip


@door
@require_http_methods(["GET", "POST"])
def member(request: Request, member_id: str) -> HttpResponse:
    """Change what a member may do and which teams they are in, or put them out of service."""
    require(request.user, Permission.MANAGE_MEMBERS)
    found = _find(Member.objects.filter(pk=member_id))
    form = RoleForm(request.POST or None, initial={"role": found.role, "teams": found.teams.all()})
    if request.method == "POST" and form.is_valid():
        try:
            _settle(request, found, form)
        except ValidationError as problem:
            say_wrong(request, problem)
        else:
            say(request, f"{found.name}: kept.")
        return redirect("settings-members")
    return show(request, "web/settings/member.html", section="settings", tab="members", form=form, found=found)


@door
@require_http_methods(["GET", "POST"])
def team_list(request: Request) -> HttpResponse:
    """Show the teams; add one."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.create_team(form.cleaned_data["name"], now=now(), by=request.user)
        except ValidationError as problem:
            put_problems(form, problem)
        else:
            return redirect("settings-teams")
    return show(
        request, "web/settings/teams.html", section="settings", tab="teams", form=form,
        teams=teams().prefetch_related("members"), may_manage=may(request.user, Permission.MANAGE_TEAMS),
        may_quiet=may(request.user, Permission.MANAGE_TEAMS) or request.user.role == Role.LEAD,
    )  # fmt: skip


@door
@require_http_methods(["GET", "POST"])
def team(request: Request, team_id: str) -> HttpResponse:
    """Set a team's quiet hours and alert budget."""
    found = _find(teams().filter(pk=team_id))
    form = QuietForm(request.POST or None, initial=quiet_of(found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_quiet_hours(found, **form.cleaned_data, now=now(), by=request.user)
        except ValidationError as problem:
            put_problems(form, problem)
        else:
            say(request, f"{found.name}: kept.")
            return redirect("settings-teams")
    return show(request, "web/settings/team.html", section="settings", tab="teams", form=form, found=found)


@door
@require_http_methods(["GET", "POST"])
def inboxes(request: Request) -> HttpResponse:
    """Show the doors through which messages come; add one."""
    form = InboxForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            create_inbox(
                data["name"], channel=Channel(data["channel"]), connector=data["connector"], team=data["team"],
                now=now(), by=request.user,
            )  # fmt: skip
        except ValidationError as problem:
            put_problems(form, problem)
        else:
            return redirect("settings-inboxes")
    return show(
        request, "web/settings/inboxes.html", section="settings", tab="inboxes", form=form,
        inboxes=Inbox.objects.select_related("team").order_by("-is_active", "name"),
        may_edit=may(request.user, Permission.EDIT_INBOXES),
    )  # fmt: skip


@door
@require_http_methods(["GET", "POST"])
def inbox(request: Request, inbox_id: str) -> HttpResponse:
    """Change an inbox."""
    require(request.user, Permission.EDIT_INBOXES)
    found = _find(Inbox.objects.filter(pk=inbox_id))
    initial = {"name": found.name, "connector": found.connector, "team": found.team_id, "is_active": found.is_active}
    form = InboxChangeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            update_inbox(found, **form.cleaned_data, settings=found.settings, now=now(), by=request.user)
        except ValidationError as problem:
            put_problems(form, problem)
        else:
            say(request, f"{found.name}: kept.")
            return redirect("settings-inboxes")
    return show(request, "web/settings/inbox.html", section="settings", tab="inboxes", form=form, found=found)


@door
@require_http_methods(["GET", "POST"])
def canned(request: Request, canned_id: str = "") -> HttpResponse:
    """Show canned replies; add or change one."""
    found = _find(canned_replies().filter(pk=canned_id)) if canned_id else None
    form = CannedForm(request.POST or None, initial={"title": found.title, "text": found.text} if found else None)
    if request.method == "POST" and form.is_valid():
        try:
            save_canned_reply(found, **form.cleaned_data, now=now(), by=request.user)
        except ValidationError as problem:
            put_problems(form, problem)
        else:
            return redirect("settings-canned")
    return show(
        request, "web/settings/canned.html", section="settings", tab="canned", form=form, found=found,
        canned_replies=canned_replies(), may_edit=may(request.user, Permission.EDIT_CANNED_REPLIES),
    )  # fmt: skip


@door
@require_POST
def delete_canned(request: Request, canned_id: str) -> HttpResponse:
    """Delete a canned reply."""
    found = _find(canned_replies().filter(pk=canned_id))
    delete_canned_reply(found, now=now(), by=request.user)
    say(request, f"“{found.title}” is gone; what was sent with it stays.")
    return redirect("settings-canned")


def _settle(request: Request, found: Member, form: RoleForm) -> None:
    moment, by = now(), request.user
    if request.POST.get("service") == "out":
        actions.deactivate(found, now=moment, by=by)
        return
    actions.set_role(found, role=Role(form.cleaned_data["role"]), now=moment, by=by)
    wanted: set[Team] = set(form.cleaned_data["teams"])
    present = set(found.teams.all())
    for one in wanted - present:
        actions.join_team(found, team=one, now=moment, by=by)
    for one in present - wanted:
        actions.leave_team(found, team=one, now=moment, by=by)


def _find(rows: Any) -> Any:
    found = rows.first()
    if found is None:
        raise Http404
    return found
