"""Only the newest decision counts, and only `given` permits."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction

from unspoken.journal.models import Entry
from unspoken.people.tests.cast import EARLIER, Contacts, contacts
from unspoken.privacy.actions import record_consent, record_consents
from unspoken.privacy.models import ConsentDecision, Decision, Modality, Purpose
from unspoken.privacy.queries import current_consents, hold_contacts, permissions
from unspoken.staff.permissions import NotAllowed
from unspoken.staff.tests.cast import members

from .cast import consents


@pytest.fixture
def cast(db: None) -> Contacts:
    three = contacts()
    consents(three)
    return three


def permitted(cast: Contacts, modality: Modality, purpose: Purpose = Purpose.SERVICE) -> list[bool]:
    ids = [cast.mina.id, cast.noor.id, cast.otto.id]
    found = permissions(ids, modality=modality, purpose=purpose)
    return [found[contact_id] is not None for contact_id in ids]


def test_permission_holds_for_one_modality_and_one_purpose(cast: Contacts) -> None:
    assert permitted(cast, Modality.TEXT) == [True, True, False]
    assert permitted(cast, Modality.VOICE) == [True, False, False]
    assert permitted(cast, Modality.TEXT, Purpose.INSIGHTS) == [True, False, False]


def test_permission_given_again_is_another_one(cast: Contacts) -> None:
    [first] = permissions([cast.noor.id], modality=Modality.TEXT, purpose=Purpose.SERVICE).values()
    for decision in (Decision.WITHDRAWN, Decision.GIVEN):
        record_consent(
            cast.noor, modality=Modality.TEXT, purpose=Purpose.SERVICE, decision=decision, source="portal", now=EARLIER
        )
    [second] = permissions([cast.noor.id], modality=Modality.TEXT, purpose=Purpose.SERVICE).values()
    assert first is not None and second is not None and second > first


def test_a_refusal_permits_nothing(cast: Contacts) -> None:
    record_consent(
        cast.noor,
        modality=Modality.TEXT,
        purpose=Purpose.SERVICE,
        decision=Decision.REFUSED,
        source="call",
        now=EARLIER,
    )
    assert permitted(cast, Modality.TEXT) == [True, False, False]


def test_an_unknown_word_is_refused_and_nothing_is_recorded(cast: Contacts) -> None:
    before = ConsentDecision.objects.count()
    with pytest.raises(ValidationError):
        record_consent(
            cast.noor, modality="smell", purpose=Purpose.SERVICE, decision=Decision.GIVEN, source="call", now=EARLIER
        )
    assert ConsentDecision.objects.count() == before


def test_a_member_who_may_not_record_consents_changes_nothing(cast: Contacts) -> None:
    before, who = ConsentDecision.objects.count(), members()
    given = {"modality": "text", "purpose": "service", "decision": "given", "source": "call"}
    with pytest.raises(NotAllowed, match="Ana may not record consents in the role of analyst"):
        record_consent(cast.otto, **given, by=who.ana, now=EARLIER)
    assert ConsentDecision.objects.count() == before
    assert record_consent(cast.otto, **given, now=EARLIER, by=who.pia).recorded_by == who.pia


def test_decisions_are_kept_and_the_newest_of_each_kind_is_current(cast: Contacts) -> None:
    [current] = current_consents(cast.otto.id)
    assert (current.modality, current.purpose, current.decision) == ("text", "service", "withdrawn")
    assert list(cast.otto.consents.order_by("id").values_list("decision", flat=True)) == ["given", "withdrawn"]
    assert len(current_consents(cast.mina.id)) == 16


def test_an_import_states_its_basis_for_many_at_once(cast: Contacts) -> None:
    entries = Entry.objects.count()
    made = record_consents(
        [cast.noor.id, cast.otto.id], modality=Modality.TEXT, purpose=Purpose.INSIGHTS, decision=Decision.GIVEN,
        source="import", basis="Terms of 2025, section 4", now=EARLIER,
    )  # fmt: skip
    assert {one.basis for one in made} == {"Terms of 2025, section 4"}
    assert permitted(cast, Modality.TEXT, Purpose.INSIGHTS) == [True, True, True]
    assert Entry.objects.filter(kind="consent.recorded").count() == 16 + 3 + 2
    assert Entry.objects.count() == entries + 2


def test_a_withdrawal_waits_for_a_transaction_that_holds_the_contact(transactional_db: None) -> None:
    three = contacts()
    consents(three)
    order: list[str] = []

    def withdraw() -> None:
        record_consent(
            three.mina, modality=Modality.TEXT, purpose=Purpose.SERVICE, decision=Decision.WITHDRAWN, source="portal",
            now=EARLIER,
        )  # fmt: skip
        order.append("withdrawn")
        connection.close()

    with transaction.atomic():
        hold_contacts([three.mina.id])
        thread = threading.Thread(target=withdraw)
        thread.start()
        thread.join(0.5)
        order.append("committed")
    thread.join(10)
    connections.close_all()
    assert order == ["committed", "withdrawn"]
    assert permitted(three, Modality.TEXT) == [False, True, False]
