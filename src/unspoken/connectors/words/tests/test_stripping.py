"""The author's own words are told from history, signatures and disclaimers; nothing is lost."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspoken.connectors.words import phrases
from unspoken.connectors.words.stripping import Parts, strip

OWN = "The lid cracked again.\nPlease send a new one."
ATTRIBUTIONS = [
    "On Mon, 2 Mar 2026 at 10:14, Ben <care@kettle.example> wrote:",
    "On 02/03/2026 10:14, Kettle & Co wrote:",
    "On Mon, Mar 2, 2026 at 10:14 AM Kettle & Co\n<care@kettle.example> wrote:",
    "On Mon, 2 Mar 2026 at 10:14, A Rather Long Name Of A Company Ltd <\na-rather-long-address@kettle.example>\nwrote:",
    "Am 02.03.2026 um 10:14 schrieb Ben <care@kettle.example>:",
    "Am Mo., 2. März 2026 um 10:14 Uhr schrieb Ben <\ncare@kettle.example>:",
    "Le lun. 2 mars 2026 à 10:14, Ben <care@kettle.example> a écrit :",
    "Le 2 mars 2026 à 10:14, Ben a écrit :",
    "El lun, 2 mar 2026 a las 10:14, Ben (<care@kettle.example>) escribió:",
    "Il giorno lun 2 mar 2026 alle ore 10:14 Ben <care@kettle.example> ha scritto:",
    "Em seg., 2 de mar. de 2026 às 10:14, Ben <care@kettle.example> escreveu:",
    "Op ma 2 mrt 2026 om 10:14 schreef Ben <care@kettle.example>:",
    "Den mån 2 mars 2026 kl 10:14 skrev Ben <care@kettle.example>:",
    "2026-03-02 10:14 GMT+01:00 Ben <care@kettle.example>:",
    "Ben <care@kettle.example> wrote:",
    "    On Monday, 2 March 2026 at 10:14:05 CET, Ben <care@kettle.example> wrote:  ",
]
HEADERS = [
    "From: Ben <care@kettle.example>\nSent: Monday, 2 March 2026 10:14\nTo: Mina\nSubject: Your order",
    "________________________________\nFrom: Ben <care@kettle.example>\nSent: Monday\nTo: Mina\nSubject: Your order",
    "-----Original Message-----\nFrom: Ben\nSent: Monday\nTo: Mina\nSubject: Your order",
    "*From:* Ben\n*Date:* Monday\n*To:* Mina\n*Subject:* Your order",
    "Von: Ben <care@kettle.example>\nGesendet: Montag, 2. März 2026 10:14\nAn: Mina\nBetreff: Ihre Bestellung",
    "-----Ursprüngliche Nachricht-----\nVon: Ben\nGesendet: Montag\nAn: Mina\nBetreff: Ihre Bestellung",
    "De : Ben <care@kettle.example>\nEnvoyé : lundi 2 mars 2026 10:14\nÀ : Mina\nObjet : Votre commande",
    "De: Ben <care@kettle.example>\nEnviado el: lunes, 2 de marzo de 2026 10:14\nPara: Mina\nAsunto: Su pedido",
    "Da: Ben\nInviato: lunedì 2 marzo 2026 10:14\nA: Mina\nOggetto: Il suo ordine",
    "Van: Ben\nVerzonden: maandag 2 maart 2026 10:14\nAan: Mina\nOnderwerp: Uw bestelling",
    "---------- Forwarded message ---------\nFrom: Ben\nDate: Monday\nSubject: Your order\nTo: Mina",
    "Begin forwarded message:\n\nFrom: Ben\nSubject: Your order",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("history", ["> Your order has left.\n>\n> > Where is it?", "Your order has left."])
def test_what_an_attribution_introduces_is_quoted(attribution: str, history: str) -> None:
    parts = strip(f"{OWN}\n\n{attribution}\n{history}")
    assert parts.text == OWN
    assert parts.quoted.splitlines()[-1] == history.splitlines()[-1]
    assert parts.signature == ""


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_answers_between_quoted_lines_are_the_authors_own(attribution: str) -> None:
    parts = strip(f"{attribution}\n> Which colour?\n\nBlue.\n\n> Which size?\nLarge, please.")
    assert parts.text == "\nBlue.\n\nLarge, please.".strip("\n")
    assert parts.quoted.endswith("> Which colour?\n> Which size?")


@pytest.mark.parametrize("headers", HEADERS)
def test_all_below_the_headers_of_another_mail_is_quoted(headers: str) -> None:
    parts = strip(f"{OWN}\n\n{headers}\n\nYour order has left.\nKind regards\nBen")
    assert (parts.text, parts.signature) == (OWN, "")
    assert parts.quoted == f"{headers}\n\nYour order has left.\nKind regards\nBen"


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nMina Okafor\nCafé Lumen, Bristol\n+44 7700 900101",
        "--\nMina",
        "Kind regards,\nMina Okafor\nCafé Lumen",
        "Best wishes\nMina",
        "Mit freundlichen Grüßen\nMina Okafor\nTel. 0117 496 0000",
        "Cordialement,\nMina",
        "Un saludo,\nMina",
        "Met vriendelijke groet,\nMina",
        "Yours sincerely\n\nMina Okafor",
        "Sent from my iPhone",
        "Sent from Yahoo Mail on Android",
        "Sent from Outlook for iOS<https://aka.ms/o0ukef>",
        "Get Outlook for Android",
        "Von meinem iPhone gesendet",
        "Gesendet von Mail für Windows",
        "Envoyé de mon iPhone",
        "Envoyé depuis l'application Mail Orange",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "Inviato da iPhone",
        "Verstuurd vanaf mijn iPhone",
        "Kind regards\nMina\n\nSent from my Galaxy",
        "This e-mail and any attachments are confidential and intended solely for the addressee.\nIf you are not …",
        "CONFIDENTIALITY NOTICE: the contents of this message are private.",
        "DISCLAIMER\nThe views expressed are not those of the Council.",
        "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, …",
        "Ce message et ses pièces jointes sont confidentiels.",
        "Este mensaje es confidencial y va dirigido únicamente a su destinatario.",
        "Please consider the environment before printing this e-mail.",
    ],
)
def test_signatures_and_disclaimers_are_set_apart(signature: str) -> None:
    shown = signature.replace("-- \n", "--\n")  # the space before a line's end goes
    assert strip(f"{OWN}\n\n{signature}") == Parts(OWN, "", shown)
    quoted = "On 2 March 2026, Ben wrote:\n> Hello"
    assert strip(f"{OWN}\n\n{signature}\n\n{quoted}") == Parts(OWN, quoted, shown)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        "On Monday you wrote: we shall call. Nobody did.",
        "On the 3rd I wrote to you and had no answer:\nnothing at all, for weeks.",
        "From: the first day on, it leaked.",
        "From: Bristol\nit took three weeks.",
        "To: whom it may concern\n\nI am cross.",
        "It broke -- again -- on the first day.",
        "a < b and b > c",
        "I regard this as theft. Best you call me.",
        "Thanks for nothing,\nMina",
        "Kind regards are not what I feel like sending you after waiting for this long, believe me.",
        "I was sent from my doctor to you.",
        "It said: confidential. I do not care.",
        "P.S. It is still leaking.",
        "Kind regards\nMina\nP.S. The new one leaks too!",
        "شكرا لكم، وصلت الغلاية مكسورة\nأريد استرداد المبلغ",
        "הקומקום שבור 😡\nשוב",
    ],
)
def test_own_words_stay_whole(text: str) -> None:
    assert strip(text) == Parts(text)


def test_a_mail_of_nothing_but_history_has_no_words_of_its_own() -> None:
    assert strip("> Hello\n> there") == Parts("", "> Hello\n> there", "")


def test_line_ends_of_every_kind_are_one() -> None:
    assert strip("One\r\ntwo\rthree\r\n-- \r\nMina").text == "One\ntwo\nthree"


lines = st.one_of(
    st.text(max_size=80),
    st.sampled_from([line for block in (*ATTRIBUTIONS, *HEADERS) for line in block.split("\n")]),
    st.sampled_from(
        ["-- ", "--", "> quoted", ">", "", "Kind regards", "Sent from my iPhone", "This e-mail is confidential"]
    ),
)


@given(st.lists(lines, max_size=30), st.sampled_from(["\n", "\r\n", "\r"]))
def test_no_word_is_lost_or_invented(some: list[str], end: str) -> None:
    text = end.join(some)
    parts = strip(text)
    together = " ".join([parts.text, parts.quoted, parts.signature])
    assert sorted(together.split()) == sorted(text.split())


@given(st.lists(lines, max_size=30))
@settings(max_examples=50)
def test_own_words_have_nothing_more_to_strip_of_history(some: list[str]) -> None:
    assert not any(line.lstrip().startswith(">") for line in strip("\n".join(some)).text.split("\n"))


@pytest.mark.parametrize(
    "text",
    [
        "On " * 200_000, "On 1 \n" * 100_000, ">" * 500_000, "From: x\n" * 60_000, "<a@b" * 100_000, "-" * 500_000,
        "On 1 <a@b> \n" * 40_000, "Kind regards\n" * 40_000, "2026-03-02 " * 50_000, "\n" * 500_000, "-- \n" * 100_000,
    ],
)  # fmt: skip
def test_no_text_is_slow(text: str) -> None:
    began = time.process_time()
    strip(text)
    assert time.process_time() - began < 6


def test_no_pattern_begins_anywhere() -> None:
    for pattern in (phrases.FORWARDED, phrases.HEADER, phrases.DEVICE, phrases.DISCLAIMER, phrases.CLOSING):
        assert pattern.match("It was a dark and stormy night, and the kettle leaked again.") is None
