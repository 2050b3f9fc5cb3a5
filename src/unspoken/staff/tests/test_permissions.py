"""The table of what each role may do, as a promise."""

import pytest

from unspoken.staff.models import Member, Role
from unspoken.staff.permissions import PERMISSIONS, NotAllowed, Permission, may, require

P = Permission


def member(role: Role, *, active: bool = True) -> Member:
    return Member(name="Sam", role=role, is_active=active)


def test_every_role_has_its_row_and_the_owner_may_all() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert PERMISSIONS[Role.OWNER] == frozenset(Permission)


def test_an_analyst_sees_numbers_and_nobodys_words() -> None:
    assert PERMISSIONS[Role.ANALYST] == {P.SEE_AGGREGATES}


def test_a_privacy_officer_sees_everything_and_speaks_to_nobody() -> None:
    sees = {P.SEE_MESSAGES, P.SEE_CONTACTS, P.SEE_CONSENTS, P.SEE_AUDIT, P.SEE_AGGREGATES}
    assert sees | {P.EXPORT_CONTACTS, P.ERASE_CONTACTS} <= PERMISSIONS[Role.PRIVACY]
    assert not PERMISSIONS[Role.PRIVACY] & {P.REPLY, P.CHANGE_CONVERSATIONS, P.DECIDE_FLAGS, P.CHANGE_CONTACTS}


def test_an_agent_answers_but_neither_writes_rules_nor_takes_data_out() -> None:
    assert {P.REPLY, P.DECIDE_FLAGS, P.CORRECT_READINGS, P.MERGE_CONTACTS} <= PERMISSIONS[Role.AGENT]
    assert not PERMISSIONS[Role.AGENT] & {P.EDIT_RULES, P.EXPORT_CONTACTS, P.IMPORT, P.MANAGE_MEMBERS}
    assert PERMISSIONS[Role.AGENT] < PERMISSIONS[Role.LEAD]
    assert P.EDIT_RULES in PERMISSIONS[Role.LEAD]


@pytest.mark.parametrize("role", list(Role))
def test_somebody_deactivated_may_nothing(role: Role) -> None:
    assert not any(may(member(role, active=False), permission) for permission in Permission)


def test_a_refusal_says_who_what_and_who_can() -> None:
    with pytest.raises(NotAllowed) as refused:
        require(member(Role.ANALYST), P.EDIT_RULES)
    assert str(refused.value) == "Sam may not edit rules in the role of analyst. Nothing was changed; an owner can."
    require(None, P.EDIT_RULES)  # the installation itself
