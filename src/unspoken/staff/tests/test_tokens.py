"""Keys for programs: shown once, hashed, narrowed, and dead when they should be."""

import hashlib
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries

from unspoken.journal.models import Entry
from unspoken.staff.actions import deactivate, issue_token, revoke_token
from unspoken.staff.models import ApiToken
from unspoken.staff.permissions import NotAllowed
from unspoken.staff.queries import member_of_token, tokens_of

from .cast import MORNING, Members, members

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
READ = ["conversations:read"]


@pytest.fixture
def cast() -> Members:
    return members()


def test_the_secret_is_shown_once_and_kept_as_a_hash(cast: Members) -> None:
    token, secret = issue_token(cast.ben, name=" Shop sync ", scopes=[*READ, *READ], by=cast.ben, now=MORNING)
    stored = ApiToken.objects.values().get(pk=token.pk)
    assert secret.startswith("uns_") and len(secret) == 47
    assert stored["sha256"] == hashlib.sha256(secret.encode()).hexdigest()
    assert (stored["name"], stored["prefix"], stored["scopes"]) == ("Shop sync", secret[:12], READ)
    assert secret not in str(stored)
    entry = Entry.objects.get(kind="token.issued")
    assert (entry.actor, entry.data) == (cast.ben.pk, {"token_id": token.pk, "member_id": cast.ben.pk})


def test_a_secret_opens_its_token_in_one_read(cast: Members, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    token, secret = issue_token(cast.ben, name="Sync", scopes=READ, now=MORNING)
    with django_assert_num_queries(2):  # the look-up, and the note that it was used
        found = member_of_token(secret, MORNING)
    assert found == token and found is not None
    with django_assert_num_queries(1):
        again = member_of_token(secret, MORNING + 59 * SECOND)
    assert again is not None and again.member == cast.ben


def test_its_use_is_noted_at_most_once_a_minute(cast: Members) -> None:
    token, secret = issue_token(cast.ben, name="Sync", scopes=READ, now=MORNING)
    for seconds, noted in [(0, 0), (59, 0), (60, 60), (61, 60)]:
        member_of_token(secret, MORNING + seconds * SECOND)
        token.refresh_from_db()
        assert token.last_used_at == MORNING + noted * SECOND


def test_nothing_else_opens_a_token(cast: Members) -> None:
    token, secret = issue_token(cast.ben, name="Sync", scopes=READ, now=MORNING)
    for wrong in ("", "uns_", secret[:-1], secret + "x", secret.upper(), secret.removeprefix("uns_"), token.sha256):
        assert member_of_token(wrong, MORNING) is None
    assert member_of_token(secret, MORNING) == token


def test_a_token_ends_at_its_expiry(cast: Members) -> None:
    _, secret = issue_token(cast.ben, name="Sync", scopes=READ, now=MORNING, expires_at=MORNING + 10 * SECOND)
    assert member_of_token(secret, MORNING + 9 * SECOND) is not None
    assert member_of_token(secret, MORNING + 10 * SECOND) is None


def test_a_revoked_token_is_dead_at_once(cast: Members) -> None:
    token, secret = issue_token(cast.ben, name="Sync", scopes=READ, now=MORNING)
    revoke_token(token, by=cast.ada, now=MORNING + SECOND)
    revoke_token(token, by=cast.ada, now=MORNING + 9 * SECOND)
    assert member_of_token(secret, MORNING + SECOND) is None
    assert ApiToken.objects.get(pk=token.pk).revoked_at == MORNING + SECOND
    assert Entry.objects.filter(kind="token.revoked").count() == 1
    assert list(tokens_of(cast.ben)) == []


def test_a_token_of_somebody_deactivated_is_dead(cast: Members) -> None:
    _, secret = issue_token(cast.ben, name="Sync", scopes=READ, now=MORNING)
    deactivate(cast.ben, by=cast.ada, now=MORNING)
    assert member_of_token(secret, MORNING) is None
    with pytest.raises(ValidationError, match="deactivated"):
        issue_token(cast.ben, name="Sync", scopes=READ, by=cast.ada, now=MORNING)


@pytest.mark.parametrize(
    ("name", "scopes", "days", "code"),
    [
        ("Sync", ["everything"], 1, "scopes"),
        ("Sync", [], 1, "scopes"),
        (" ", READ, 1, "blank"),
        ("Sync", READ, 0, "expiry"),
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(
    cast: Members, name: str, scopes: list[str], days: int, code: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        issue_token(cast.ben, name=name, scopes=scopes, now=MORNING, expires_at=MORNING + timedelta(days=days))
    assert refused.value.code == code
    assert ApiToken.objects.count() == 0


def test_only_an_owner_touches_the_tokens_of_others(cast: Members) -> None:
    token, secret = issue_token(cast.ben, name="Sync", scopes=READ, by=cast.ada, now=MORNING)
    for by in (cast.lea, cast.cleo, cast.ana, cast.pia):
        with pytest.raises(NotAllowed):
            revoke_token(token, by=by, now=MORNING)
        with pytest.raises(NotAllowed):
            issue_token(cast.ben, name="Mine", scopes=READ, by=by, now=MORNING)
    assert ApiToken.objects.count() == 1
    assert member_of_token(secret, MORNING) == token
