"""Answering through Chatwoot's API, and looking whether an answer arrived there."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from unspoken.connectors.addresses import permitted
from unspoken.connectors.base import SendError
from unspoken.conversations.models import Message
from unspoken.kit.addresses import AddressRefusedError

from .payload import Event, moment, plain, text

TIMEOUT = httpx.Timeout(15.0, connect=10.0)
_CERTAINLY_NOT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_CLOCKS_DIFFER = 120.0  # seconds


def post_message(message: Message, settings: Mapping[str, Any], *, transport: httpx.BaseTransport | None = None) -> str:
    """Post an answer into its conversation; return Chatwoot's id of it. Raises SendError."""
    said = {"content": message.text, "message_type": "outgoing", "private": False, "echo_id": message.pk}
    with _client(settings, transport) as (client, url):
        try:
            response = client.post(_path(url, message, settings), json=said)
        except _CERTAINLY_NOT as error:
            raise SendError(f"Chatwoot cannot be reached ({error}). It is tried again.") from error
        except httpx.HTTPError as error:
            raise _broken_off(error) from error
    if response.status_code >= 500 and response.status_code != 503:
        raise _broken_off(response.status_code)
    _refuse(response)
    return text(_object(response), "id")


def find_message(message: Message, settings: Mapping[str, Any], *, transport: httpx.BaseTransport | None = None) -> str:
    """Return Chatwoot's id of an answer that may have arrived, '' when it did not. May raise SendError."""
    with _client(settings, transport) as (client, url):
        try:
            response = client.get(_path(url, message, settings))
        except httpx.HTTPError as error:
            raise SendError(
                f"Chatwoot cannot be asked whether the answer arrived ({error}).", uncertain=True
            ) from error
    if not response.is_success:
        raise SendError(f"Chatwoot does not tell whether the answer arrived ({response.status_code}).", uncertain=True)
    listed = _object(response).get("payload")
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, Mapping) and _is_it(one, message):
            return text(one, "id")
    return ""


def trouble_asking(settings: Mapping[str, Any], *, transport: httpx.BaseTransport | None = None) -> str:
    """Return why Chatwoot would not take answers for the account of the settings, or ''."""
    try:
        with _client(settings, transport) as (client, url):
            response = client.get(f"{url}/api/v1/profile")
    except (SendError, httpx.HTTPError) as error:
        return f"Chatwoot cannot be reached: {error}"
    if not response.is_success:
        return f"Chatwoot does not accept the access token ({response.status_code}). Copy it anew."
    accounts = _object(response).get("accounts")
    known = [text(one, "id") for one in accounts if isinstance(one, Mapping)] if isinstance(accounts, list) else []
    if str(settings["account_id"]) not in known:
        return f"The access token belongs to account {', '.join(known) or 'none'}, not to {settings['account_id']}."
    return ""


def _broken_off(cause: object) -> SendError:
    return SendError(f"Chatwoot broke off ({cause}). It is looked whether the answer arrived.", uncertain=True)


def _is_it(said: Mapping[str, Any], message: Message) -> bool:
    """Tell whether a listed message is the answer: outgoing, public, of the same words, and not older."""
    written = moment(said.get("created_at"))
    same = plain(text(said, "content")).split() == plain(message.text).split()
    is_answer = Event(said).message_type == "outgoing" and said.get("private") is not True
    return (
        same and is_answer and written is not None and (message.occurred_at - written).total_seconds() < _CLOCKS_DIFFER
    )


def _path(url: str, message: Message, settings: Mapping[str, Any]) -> str:
    conversation = message.conversation.external_id
    if not conversation.isdecimal():
        raise SendError("This conversation did not come from Chatwoot, so it cannot be answered there.", permanent=True)
    return f"{url}/api/v1/accounts/{settings['account_id']}/conversations/{conversation}/messages"


def _refuse(response: httpx.Response) -> None:
    """Raise SendError for every answer but success."""
    if response.is_success:
        return
    mend = {
        401: "Correct the access token, then send again.", 403: "Give the token's agent access to this inbox.",
        404: "The conversation is not there any more, or the account number is wrong.",
    }.get(response.status_code, "")  # fmt: skip
    permanent = response.status_code not in {408, 429, 503}
    raise SendError(f"Chatwoot refused the answer ({response.status_code}). {mend}".strip(), permanent=permanent)


def _object(response: httpx.Response) -> Mapping[str, Any]:
    try:
        said = response.json()
    except ValueError:
        return {}
    return said if isinstance(said, Mapping) else {}


@contextmanager
def _client(settings: Mapping[str, Any], transport: httpx.BaseTransport | None) -> Iterator[tuple[httpx.Client, str]]:
    """Yield a client bound to the checked address of the server, and the URL to begin with."""
    base = str(settings["base_url"]).rstrip("/")
    try:
        address, port, host = permitted(base, private=bool(settings.get("private_network")))
    except AddressRefusedError as error:
        raise SendError(f"{error} Nothing was sent.", permanent=True) from error
    except OSError as error:
        raise SendError(f"{base} cannot be found ({error}). Check the address.") from error
    given = httpx.URL(base)
    headers = {"api_access_token": str(settings["api_token"]), "host": given.netloc.decode()}
    with httpx.Client(
        timeout=TIMEOUT, follow_redirects=False, trust_env=False, headers=headers, transport=transport,
        event_hooks={"request": [lambda request: request.extensions.update(sni_hostname=host)]},
    ) as client:  # fmt: skip
        yield client, str(given.copy_with(host=address, port=port)).rstrip("/")
