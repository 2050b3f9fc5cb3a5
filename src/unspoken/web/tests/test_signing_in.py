"""Signing in: whoever guesses has to wait, and locks nobody else out."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from unspoken.staff.models import Member

from ..pages.session import TRIES, TRIES_FROM_ONE_PLACE
from .scene import Scene

PASSWORD = "a long password of Ben's"


@pytest.fixture
def ben(shop: Scene) -> Iterator[Member]:
    shop.who.ben.set_password(PASSWORD)
    shop.who.ben.save()
    cache.clear()
    yield shop.who.ben
    cache.clear()


def sign_in(email: str, password: str, place: str = "192.0.2.1") -> HttpResponse:
    return Client().post("/sign-in", {"username": email, "password": password}, REMOTE_ADDR=place)


def test_after_too_many_wrong_passwords_not_even_the_right_one_is_looked_at(ben: Member) -> None:
    for _ in range(TRIES):
        assert sign_in(ben.email.upper(), "wrong").status_code == 200
    refused = sign_in(ben.email, PASSWORD)
    assert (refused.status_code, "_auth_user_id" in refused.wsgi_request.session) == (429, False)
    assert "wait 15 minutes" in refused.content.decode()
    cache.clear()  # a quarter of an hour later
    assert sign_in(ben.email, PASSWORD).status_code == 302


def test_nobody_is_locked_out_by_guesses_from_elsewhere(ben: Member) -> None:
    for _ in range(TRIES):
        sign_in(ben.email, "wrong", "198.51.100.7")
    assert sign_in(ben.email, PASSWORD).status_code == 302


def test_the_right_password_forgets_the_wrong_ones(ben: Member) -> None:
    for _ in range(2):
        for _ in range(TRIES - 1):
            sign_in(ben.email, "wrong")
        assert sign_in(ben.email, PASSWORD).status_code == 302


def test_trying_many_names_from_one_place_ends_too(ben: Member) -> None:
    for number in range(TRIES_FROM_ONE_PLACE):
        assert sign_in(f"nobody-{number}@example.org", "wrong").status_code == 200
    assert sign_in(ben.email, PASSWORD).status_code == 429
    assert sign_in(ben.email, PASSWORD, "198.51.100.7").status_code == 302
