"""Members and teams: who may change whom, and that somebody can always manage members."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from unspoken.journal.models import Entry
from unspoken.staff.actions import (
    create_member,
    create_team,
    deactivate,
    issue_token,
    join_team,
    leave_team,
    reactivate,
    rename_member,
    set_password,
    set_quiet_hours,
    set_role,
)
from unspoken.staff.models import Member, Role, Team
from unspoken.staff.permissions import NotAllowed

from .cast import MORNING, Members, members

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(hours=1)
STRONG = "correct-horse-battery"


@pytest.fixture
def cast() -> Members:
    return members()


def staff() -> list[dict[str, Any]]:
    """Return all that is stored of members and teams, to compare before and after."""
    return [*Member.objects.order_by("pk").values(), *Team.objects.order_by("pk").values()]


def last_entry() -> tuple[str, str, dict[str, Any]]:
    entry = Entry.objects.order_by("-id")[0]
    return entry.kind, entry.actor, entry.data


def test_a_new_member_signs_in_with_the_address_in_any_case(cast: Members) -> None:
    dee = create_member(" Dee@Example.ORG ", name="Dee", password=STRONG, teams=[cast.care], by=cast.ada, now=LATER)
    stored = Member.objects.get_by_natural_key("DEE@example.org")
    assert (stored.pk, stored.email, stored.role, stored.joined_at) == (dee.pk, "dee@example.org", Role.AGENT, LATER)
    assert stored.check_password(STRONG)
    assert list(stored.teams.all()) == [cast.care]
    assert last_entry() == ("member.changed", cast.ada.pk, {"member_id": dee.pk, "what": "created"})


def test_without_a_password_nobody_signs_in(cast: Members) -> None:
    assert not cast.ben.has_usable_password()


@pytest.mark.parametrize(
    ("email", "password", "code"),
    [("ben@example.org", None, "taken"), ("no-address", None, "invalid"), ("dee@example.org", "short", None)],
)
def test_a_bad_address_or_password_adds_nobody(
    cast: Members, email: str, password: str | None, code: str | None
) -> None:
    before = staff()
    with pytest.raises(ValidationError) as refused:
        create_member(email, name="Dee", password=password, by=cast.ada, now=LATER)
    if code:
        assert refused.value.code == code
    assert staff() == before


@pytest.mark.parametrize("who", ["lea", "ben", "ana", "pia"])
def test_only_an_owner_manages_members_and_teams(cast: Members, who: str) -> None:
    by, before, entries = getattr(cast, who), staff(), Entry.objects.count()
    for attempt in (
        lambda: create_member("dee@example.org", name="Dee", by=by, now=LATER),
        lambda: set_role(cast.cleo, role=Role.OWNER, by=by, now=LATER),
        lambda: set_password(cast.cleo, password=STRONG, by=by, now=LATER),
        lambda: rename_member(cast.cleo, name="X", by=by, now=LATER),
        lambda: deactivate(cast.cleo, by=by, now=LATER),
        lambda: reactivate(cast.cleo, by=by, now=LATER),
        lambda: create_team("Own", by=by, now=LATER),
        lambda: join_team(by, team=cast.press, by=by, now=LATER),
        lambda: leave_team(cast.cleo, team=cast.press, by=by, now=LATER),
    ):
        with pytest.raises(NotAllowed, match="Nothing was changed"):
            attempt()
    assert staff() == before
    assert Entry.objects.count() == entries
    assert list(cast.cleo.teams.all()) == [cast.press]


def test_a_role_is_changed_and_recorded(cast: Members) -> None:
    set_role(cast.ben, role=Role.LEAD, by=cast.ada, now=LATER)
    assert Member.objects.get(pk=cast.ben.pk).role == "lead"
    assert last_entry() == ("member.changed", cast.ada.pk, {"member_id": cast.ben.pk, "what": "role"})


def test_the_last_owner_can_neither_leave_nor_step_down(cast: Members) -> None:
    before = staff()
    with pytest.raises(ValidationError, match="only active owner"):
        set_role(cast.ada, role=Role.AGENT, by=cast.ada, now=LATER)
    with pytest.raises(ValidationError, match="only active owner"):
        deactivate(cast.ada, by=cast.ada, now=LATER)
    assert staff() == before
    set_role(cast.ben, role=Role.OWNER, by=cast.ada, now=LATER)
    deactivate(cast.ada, by=cast.ben, now=LATER)
    assert not Member.objects.get(pk=cast.ada.pk).is_active


def test_deactivating_revokes_tokens_for_good(cast: Members) -> None:
    token, _ = issue_token(cast.ben, name="Sync", scopes=["contacts:read"], now=MORNING)
    deactivate(cast.ben, by=cast.ada, now=LATER)
    token.refresh_from_db()
    assert token.revoked_at == LATER
    reactivate(cast.ben, by=cast.ada, now=LATER)
    token.refresh_from_db()
    assert (token.revoked_at, Member.objects.get(pk=cast.ben.pk).is_active) == (LATER, True)


def test_a_member_changes_their_own_name_and_password(cast: Members) -> None:
    rename_member(cast.ben, name=" Ben A. ", by=cast.ben, now=LATER)
    set_password(cast.ben, password=STRONG, by=cast.ben, now=LATER)
    stored = Member.objects.get(pk=cast.ben.pk)
    assert (stored.name, stored.check_password(STRONG)) == ("Ben A.", True)
    with pytest.raises(ValidationError, match="at least 12 characters"):
        set_password(cast.ben, password="tooshort", by=cast.ben, now=LATER)
    assert Member.objects.get(pk=cast.ben.pk).check_password(STRONG)


def test_joining_and_leaving_a_team(cast: Members) -> None:
    join_team(cast.ben, team=cast.press, by=cast.ada, now=LATER)
    join_team(cast.ben, team=cast.press, by=cast.ada, now=LATER)
    assert set(cast.ben.teams.all()) == {cast.care, cast.press}
    leave_team(cast.ben, team=cast.care, by=cast.ada, now=LATER)
    assert list(cast.ben.teams.all()) == [cast.press]
    whats = [entry.data["what"] for entry in Entry.objects.filter(actor=cast.ada.pk).order_by("id")]
    assert whats == ["joined", "left"]


def test_two_teams_cannot_have_one_name(cast: Members) -> None:
    with pytest.raises(ValidationError, match="already"):
        create_team(" Care ", by=cast.ada, now=LATER)
    assert Team.objects.count() == 2


def quiet(**changes: Any) -> dict[str, Any]:
    """Return quiet hours from ten at night until seven, in London, and five alerts an hour."""
    hours = {"timezone": "Europe/London", "quiet_from": time(22), "quiet_until": time(7), "alerts_per_hour": 5}
    return {**hours, "now": LATER, **changes}


def test_quiet_hours_are_set_by_whom_they_concern(cast: Members) -> None:
    set_quiet_hours(cast.ben, **quiet(), by=cast.ben)
    set_quiet_hours(cast.care, **quiet(alerts_per_hour=None), by=cast.lea)
    set_quiet_hours(cast.cleo, **quiet(), by=cast.ada)
    ben, care = Member.objects.get(pk=cast.ben.pk), Team.objects.get(pk=cast.care.pk)
    assert (ben.timezone, ben.quiet_from, ben.quiet_until, ben.alerts_per_hour) == (
        "Europe/London", time(22), time(7), 5
    )  # fmt: skip
    assert care.alerts_per_hour is None


def test_nobody_sets_the_quiet_hours_of_others(cast: Members) -> None:
    before = staff()
    for whose, by in [(cast.cleo, cast.ben), (cast.care, cast.ben), (cast.press, cast.lea), (cast.ben, cast.lea)]:
        with pytest.raises(NotAllowed):
            set_quiet_hours(whose, **quiet(), by=by)
    assert staff() == before


@pytest.mark.parametrize("wrong", [{"timezone": "Mars/Olympus"}, {"quiet_until": None}, {"alerts_per_hour": -1}])
def test_impossible_quiet_hours_are_refused(cast: Members, wrong: dict[str, Any]) -> None:
    before = staff()
    with pytest.raises(ValidationError):
        set_quiet_hours(cast.ben, **quiet(**wrong), by=cast.ben)
    assert staff() == before
