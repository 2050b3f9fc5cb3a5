"""The scene, and a browser-like client for any of its members."""

from collections.abc import Callable

import pytest
from django.test import Client

from unspoken.kit.clock import now
from unspoken.staff.models import Member

from .scene import Scene, scene


@pytest.fixture
def shop(db: None) -> Scene:
    return scene(now())


@pytest.fixture
def as_() -> Callable[[Member], Client]:
    """Return a client that is signed in as a member."""

    def signed_in(member: Member) -> Client:
        client = Client()
        client.force_login(member)
        return client

    return signed_in
