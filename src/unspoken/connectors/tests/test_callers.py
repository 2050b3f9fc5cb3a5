"""What is told of a caller, in whatever words: who they are, what they were told, and what they permit."""

import pytest

from unspoken.calls.happenings import Track

from .streams import CALLING, begun


@pytest.mark.parametrize("name", CALLING)
def test_a_caller_is_known_by_what_can_be_relied_upon_most(name: str) -> None:
    began, notes = begun(name, {
        "contact_phone": "+44 7700 900101", "contact_email": "mina@lumen.example", "contact_external_id": 17,
        "contact_name": " Mina \x00Okafor ", "agent_email": "ben@example.org", "language": "en-GB",
        "announced": "You are listened to", "colour": "green",
    })  # fmt: skip
    assert began.person is not None
    assert [(handle.kind, handle.value) for handle in began.person.handles] == [
        ("external", "17"), ("email", "mina@lumen.example"), ("phone", "+44 7700 900101"),
    ]  # fmt: skip
    assert (began.person.name, began.member_email, began.language) == ("Mina \ufffdOkafor", "ben@example.org", "en-GB")
    assert (began.announced, began.consent, notes) == ("You are listened to", "", [])
    assert began.tracks == {Track.CUSTOMER}


@pytest.mark.parametrize("name", CALLING)
@pytest.mark.parametrize("strange", [None, True, 1.5, [], {}, "", " ", "x" * 255])
def test_what_names_nobody_makes_no_person(name: str, strange: object) -> None:
    began, _ = begun(name, {"contact_phone": strange, "contact_external_id": strange, "contact_name": "Mina"})
    assert began.person is None


@pytest.mark.parametrize("name", CALLING)
@pytest.mark.parametrize("strange", [None, True, [], "no address", "a@" + "b" * 300, "klingon-klingon", "e"])
def test_an_agent_or_a_language_that_is_none_is_left_out(name: str, strange: object) -> None:
    began, _ = begun(name, {"agent_email": strange, "language": strange})
    assert (began.member_email, began.language) == ("", "")


@pytest.mark.parametrize("name", CALLING)
def test_a_yes_on_the_line_counts_only_where_the_inbox_relies_on_it(name: str) -> None:
    said = {"voice_consent": "given", "voice_consent_said_by": "keypad", "announced": "Press 1 to agree"}
    began, notes = begun(name, said)
    assert (began.consent, began.said_by) == ("", "")
    assert notes == ["A permission given on the line was left aside: this inbox does not rely on those."]
    began, notes = begun(name, said, callers_consent_on_the_line=True)
    assert (began.consent, began.said_by, notes) == ("given", "keypad", [])


@pytest.mark.parametrize("name", CALLING)
@pytest.mark.parametrize("no", ["refused", "withdrawn"])
def test_a_no_on_the_line_always_counts(name: str, no: str) -> None:
    began, notes = begun(name, {"voice_consent": no})
    assert (began.consent, notes) == (no, [])


@pytest.mark.parametrize("name", CALLING)
@pytest.mark.parametrize("strange", ["yes", "GIVEN", "given ; refused", 1])
def test_a_permission_in_other_words_is_none(name: str, strange: object) -> None:
    began, notes = begun(name, {"voice_consent": strange}, callers_consent_on_the_line=True)
    assert (began.consent, notes) == (
        "", ["voice_consent is none of given, refused and withdrawn; it was left aside."],
    )  # fmt: skip
