from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from unspoken.api import tokens
from unspoken.intake import batcher
from unspoken.kit.clock import now
from unspoken.people.tests.cast import Contacts, contacts
from unspoken.privacy.actions import record_consent
from unspoken.staff.actions import issue_token
from unspoken.staff.models import Member, Scope
from unspoken.staff.tests.cast import Members, members


class Program:
    """A program that holds a token."""

    def __init__(self, secret: str) -> None:
        self.client = Client(headers={"authorization": f"Bearer {secret}"})

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        options: dict[str, Any] = {"headers": headers}
        if body is not None:
            options |= {"data": body, "content_type": "application/json"}
        return getattr(self.client, method)(f"/api/v1{path}", **options)


@pytest.fixture
def staff(transactional_db: None) -> Iterator[Members]:
    tokens._remembered.clear()
    yield members()
    batcher.close()


@pytest.fixture
def known(staff: Members) -> Contacts:
    made = contacts()
    for contact in (made.mina, made.noor):
        record_consent(contact, modality="text", purpose="service", decision="given", source="test", now=now())
    return made


@pytest.fixture
def program() -> Callable[..., Program]:
    def of(member: Member, *scopes: Scope) -> Program:
        return Program(issue_token(member, name="test", scopes=scopes or list(Scope), now=now())[1])

    return of
