"""Which column of a table means which field of a message or contact: guessed from the headers, or said."""

from collections.abc import Iterable, Mapping, Sequence

from .pieces import UnusableFile

Synonyms = Mapping[str, str]

MESSAGE_FIELDS: Synonyms = {
    "id": "message_id id external_id msg_id messageid uuid guid review_id response_id survey_id tweet_id comment_id "
    "record_id row_id event_id",
    "conversation": "conversation_id conversation convo_id thread_id thread ticket_id ticket ticket_number case_id "
    "case_number case chat_id session_id session dialogue_id dialog_id call_id interaction_id discussion_id",
    "time": "occurred_at timestamp sent_at created_at datetime date_time time date created submitted_at submitted "
    "received_at posted_at published_at start_time message_time message_date review_date created_date at utc",
    "text": "text message body content message_text message_body comment comments review review_text review_body "
    "feedback utterance verbatim answer response description transcript tweet customer_comment free_text note value",
    "author": "author role sender_type author_type sender_role from speaker direction sender participant party who "
    "author_role message_type from_type side",
    "email": "customer_email email e_mail email_address mail user_email contact_email requester_email reviewer_email "
    "sender_email from_email author_email customer_address",
    "phone": "customer_phone phone phone_number mobile telephone msisdn tel caller_id contact_phone user_phone",
    "customer": "customer_id user_id contact_id client_id customer customer_number account_id requester_id member_id "
    "visitor_id person_id userid reviewer_id author_id",
    "handle": "username handle screen_name user_name nickname login user chat_handle",
    "name": "customer_name name full_name contact_name requester_name reviewer reviewer_name author_name user_fullname "
    "client_name sender_name from_name display_name",
    "agent": "agent_email agent assignee_email assignee operator_email owner_email",
    "channel": "channel kind type medium platform channel_type source_type",
    "subject": "subject title headline topic summary review_title",
    "stars": "stars rating star_rating score csat nps review_rating overall grade",
    "product": "product product_name item item_name sku asin product_title product_id",
    "language": "language lang locale language_code",
    "private": "private is_private internal is_internal internal_note private_note",
}  # fmt: skip
"""Fields of a message, and the headers by which each is known, the surest first."""

CONTACT_FIELDS: Synonyms = {
    "name": "name full_name display_name contact_name customer_name contact fn",
    "first_name": "first_name firstname given_name forename vorname prenom",
    "last_name": "last_name lastname surname family_name nachname nom",
    "email": "email e_mail email_address emails mail customer_email e_mail_address email_1 primary_email "
    "e_mail_1_value",
    "phone": "phone phone_number phones mobile telephone tel msisdn mobile_phone phone_1 primary_phone phone_1_value",
    "chat": "chat username handle user_name login chat_handle",
    "social": "social twitter social_handle instagram mastodon x_handle",
    "external": "external external_id customer_id contact_id client_id customer_number id crm_id uid",
    "organisation": "organisation organization company company_name org account account_name employer",
    "title": "title job_title position role",
    "city": "city town locality ort stadt ville",
    "country": "country country_code land pays",
    "language": "language lang locale preferred_language",
    "tags": "tags tag labels categories groups",
    "attributes": "attributes custom_attributes",
}  # fmt: skip
"""Fields of a contact, likewise."""


def plain(header: str) -> str:
    """Return a header as it is compared: letters and digits only, folded."""
    return "".join(letter for letter in header.casefold() if letter.isalnum())


def guess(headers: Sequence[str], known: Synonyms) -> dict[str, str]:
    """Return the column of each field that can be recognised, by the surest of its names."""
    columns = {plain(header.rpartition(".")[2]): header for header in reversed(headers)}
    columns |= {plain(header): header for header in reversed(headers)}
    found: dict[str, str] = {}
    for field, names in known.items():
        for name in names.split():
            column = columns.get(plain(name))
            if column is not None and column not in found.values():
                found[field] = column
                break
    return found


def say(headers: Sequence[str], said: Iterable[str], known: Synonyms) -> dict[str, str]:
    """Return what `field=column` settings say; `field=` alone says that no column means that field.

    Raises UnusableFile for a field or column that does not exist.
    """
    by_plain = {plain(header): header for header in reversed(headers)}
    found: dict[str, str] = {}
    for one in said:
        field, equals, column = (part.strip() for part in one.partition("="))
        if field not in known or not equals:
            raise UnusableFile(f"--mapping {one}: write field=column, with a field of: {', '.join(known)}.")
        if column and column not in headers and plain(column) not in by_plain:
            raise UnusableFile(f"--mapping {one}: there is no such column. The file has: {', '.join(headers)[:500]}.")
        found[field] = column if column in headers else by_plain.get(plain(column), "")
    return found


def mapping_of(headers: Sequence[str], said: Iterable[str], known: Synonyms) -> dict[str, str]:
    """Return the column of each field: what was said, and for the rest what can be guessed."""
    told = say(headers, said, known)
    left = [header for header in headers if header not in told.values()]
    guessed = {field: column for field, column in guess(left, known).items() if field not in told}
    return {field: column for field, column in {**told, **guessed}.items() if column}
