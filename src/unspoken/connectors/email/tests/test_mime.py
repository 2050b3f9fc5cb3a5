"""Any mail is taken apart: charsets, alternatives, attachments, nesting, and what no honest program sends."""

import time
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unspoken.connectors.email.mime import Address, addresses, ids, parse


def raw(body: bytes, *headers: str) -> bytes:
    """Return a mail with the given headers beside the usual ones."""
    usual = ["From: Mina <mina@lumen.example>", "To: care@kettle.example", "Message-ID: <1@lumen.example>"]
    return "\r\n".join([*usual, *headers]).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("body", "content", "text"),
    [
        (b"Gr\xc3\xbc\xc3\x9fe", "text/plain; charset=utf-8", "Grüße"),
        (b"Gr\xfc\xdfe", "text/plain; charset=iso-8859-1", "Grüße"),
        (b"\x93Oh\x94 \x80 5", "text/plain; charset=iso-8859-1", "“Oh” € 5"),  # says Latin-1 and is Windows
        (b"\x93Oh\x94", "text/plain; charset=windows-1252", "“Oh”"),
        (b"Gr\xc3\xbc\xc3\x9fe", "text/plain; charset=us-ascii", "Grüße"),  # says ASCII and is UTF-8
        (b"Gr\xfc\xdfe", "text/plain; charset=utf-8", "Grüße"),  # says UTF-8 and is not
        (b"Gr\xfc\xdfe", "text/plain; charset=x-unknown", "Grüße"),
        (b"Gr\xc3\xbc\xc3\x9fe", "text/plain", "Grüße"),
        (b"abc", "text/plain; charset=base64", "abc"),  # a codec of Python, but no charset
        ("שלום 😡".encode(), "text/plain; charset=UTF-8", "שלום 😡"),
        ("Привет".encode("koi8-r"), "text/plain; charset=KOI8-R", "Привет"),
        ("壊れた".encode("iso2022_jp"), "text/plain; charset=iso-2022-jp", "壊れた"),
        (b"a\x00b", "text/plain; charset=utf-8", "a\ufffdb"),
        (b"x", "text/plain; charset=\"utf-8", "x"),
        (b"x", "text/plain; charset*=utf-8''%FF", "x"),
        (b"x", "nonsense", "x"),
    ],
)  # fmt: skip
def test_text_is_decoded_whatever_it_claims(body: bytes, content: str, text: str) -> None:
    assert parse(raw(body, f"Content-Type: {content}", "Content-Transfer-Encoding: 8bit")).text.strip() == text


@pytest.mark.parametrize(
    ("encoding", "body", "text"),
    [
        ("quoted-printable", b"It=E2=80=99s bro=\r\nken =F0=9F=98=A1", "It’s broken 😡"),
        ("quoted-printable", b"100% =XY broken=", "100% =XY broken"),
        ("base64", b"SXQgbGVha3M=", "It leaks"),
        ("base64", b"SXQgbGVha3M", "It leaks"),  # padding forgotten
        ("base64", b"SXQg!!bGVh\r\na3M=", "It leaks"),
        ("x-nonsense", b"It leaks", "It leaks"),
    ],
)
def test_transfer_encodings_are_undone_also_when_broken(encoding: str, body: bytes, text: str) -> None:
    assert parse(raw(body, f"Content-Transfer-Encoding: {encoding}")).text.strip() == text


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("=?utf-8?q?Kaputt_=E2=80=93_schon_wieder?=", "Kaputt – schon wieder"),
        ("=?UTF-8?B?8J+YoQ==?= leaks", "😡 leaks"),
        ("=?utf-8?q?two?= =?utf-8?q?_words?=", "two words"),
        ("=?iso-8859-1?q?Gr=FC=DFe?=", "Grüße"),
        ("=?x-none?q?Gr=FC=DFe?=", "Grüße"),
        ("=?utf-8?b?not base64?=", "=?utf-8?b?not base64?="),
        ("=?utf-8?b?8J+Yo?=", "=?utf-8?b?8J+Yo?="),
        ("Grüße, roh", "Grüße, roh"),
        ("folded\r\n over lines", "folded over lines"),
        ("", ""),
    ],
)
def test_headers_are_decoded(header: str, subject: str) -> None:
    assert parse(raw(b"x", f"Subject: {header}")).subject == subject


def test_the_plain_alternative_is_taken_and_html_only_without_it() -> None:
    message = EmailMessage()
    message.set_content("plain words")
    message.add_alternative("<p>html words</p>", subtype="html")
    assert parse(message.as_bytes()).text.strip() == "plain words"
    alone = EmailMessage()
    alone.set_content("   \n")
    alone.add_alternative("<p>html <b>words</b></p>", subtype="html")
    assert parse(alone.as_bytes()).text == "html words"


def test_attachments_are_named_with_their_size_and_not_kept() -> None:
    message = EmailMessage()
    message.set_content("See the picture.")
    message.add_alternative("<p>See <img src='cid:a'></p>", subtype="html")
    message.add_attachment(b"\x89PNG" * 100, maintype="image", subtype="png", filename="gebroken – déjà.png")
    message.add_attachment("a,b\n", filename="order.csv")
    inner = EmailMessage()
    inner["Subject"] = "Your order"
    inner.set_content("It has left.")
    message.add_attachment(inner)
    mail = parse(message.as_bytes())
    assert mail.text.strip() == "See the picture."
    assert mail.attachments == (
        {"name": "gebroken – déjà.png", "type": "image/png", "size": 400},
        {"name": "order.csv", "type": "text/plain", "size": 4},
        {"name": "Your order", "type": "message/rfc822", "size": 0},
    )


def test_flowed_lines_are_joined_again() -> None:
    body = b"One line that \r\nwent on. \r\n\r\n> quoted \r\n> more\r\n-- \r\nMina"
    text = parse(raw(body, "Content-Type: text/plain; format=flowed")).text
    assert text == "One line that went on.\n\n> quoted\n> more\n-- \nMina"


def test_who_wrote_to_whom_is_read() -> None:
    mail = parse(
        raw(
            b"x",
            'Cc: "Ömer, Dr." <OMER@x.example>, Sales: a@x.example, b@x.example;',
            "Reply-To: <other@lumen.example>",
        )
    )
    assert mail.sender == Address("Mina", "mina@lumen.example")
    assert mail.reply_to == "other@lumen.example"
    assert [address.email for address in mail.recipients] == [
        "care@kettle.example", "omer@x.example", "a@x.example", "b@x.example",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "value", ["", "undisclosed-recipients:;", "nobody", "<>", "@", "a@", "<a", ",,,", '"', "\x00@\x00"]
)
def test_what_is_no_address_is_left_out(value: str) -> None:
    assert addresses(value) in ([], [Address("", "\x00@\x00")])


def test_ids_are_read_however_they_are_written() -> None:
    assert ids("<a@b> <c@d>\t<a@b>") == ("a@b", "c@d")
    assert ids("<a@b><c@d>") == ("a@b", "c@d")
    assert ids("a@b") == ids("<a b>") == ids("") == ()


@pytest.mark.parametrize(
    ("date", "iso"),
    [
        ("Mon, 2 Mar 2026 10:00:00 +0100", "2026-03-02T09:00:00+00:00"),
        ("2 Mar 2026 10:00:00 -0000", "2026-03-02T10:00:00+00:00"),
        ("Mon, 2 Mar 26 10:00 GMT", "2026-03-02T10:00:00+00:00"),
        ("yesterday", None),
        ("Mon, 32 Mar 2026 10:00:00 +0100", None),
        ("Mon, 2 Mar 2026 10:00:00 +9999999999", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("", None),
    ],
)
def test_dates_that_are_none_are_none(date: str, iso: str | None) -> None:
    sent = parse(raw(b"x", f"Date: {date}")).sent_at
    assert (sent.isoformat() if sent else None) == iso


def test_a_delivery_report_names_the_mail_it_is_about() -> None:
    report = MIMEMultipart("report", **{"report-type": "delivery-status"})
    report.attach(MIMEText("It could not be delivered."))
    headers = MIMEText("Subject: x\r\nMessage-ID: <out@kettle.example>\r\n", "rfc822-headers")
    report.attach(headers)
    mail = parse(report.as_bytes())
    assert (mail.content_type, mail.reported_id) == ("multipart/report;delivery-status", "out@kettle.example")
    assert mail.text == "It could not be delivered."


def nested(depth: int) -> bytes:
    """Return a mail of so many multiparts within each other."""
    opening = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(depth)
    )
    return b"From: a@b.example\r\n" + opening + b"\r\nIt leaks.\r\n"


@pytest.mark.parametrize(
    "mail",
    [
        b"", b"\r\n", b"\x00" * 1000, b"\xff\xfe" * 1000, b"no headers at all", b"Subject: x", b":\r\n\r\nx",
        b"Subject: " + b"x" * 10_000_000 + b"\r\n\r\nIt leaks.",
        b"Content-Type: text/plain;" + b";" * 10_000_000 + b"\r\n\r\nIt leaks.",
        b"Content-Type: multipart/mixed; boundary=" + b"b" * 1_000_000 + b"\r\n\r\nIt leaks.",
        b"References: " + b"<a@b> " * 1_500_000 + b"\r\n\r\nIt leaks.",
        b"To: " + b"a@b.example, " * 700_000 + b"\r\n\r\nIt leaks.",
        b'From: "' + b"(" * 1_000_000 + b"\r\n\r\nIt leaks.",
        b"Subject: " + b"=?utf-8?q?=41?= " * 500_000 + b"\r\n\r\nIt leaks.",
        b"X: y\r\n" * 500_000 + b"\r\nIt leaks.",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 500_000,
        b"Content-Type: message/rfc822\r\n\r\n" * 5_000 + b"It leaks.",
        nested(20), nested(500), nested(5000),
        b"Content-Type: text/plain; charset=punycode\r\n\r\n" + b"a-" * 500_000,
        b"Content-Transfer-Encoding: uuencode\r\n\r\nbegin 666 x\r\n\xff\xff",
        b"Content-Type: text/html\r\n\r\n" + b"<div>" * 1_000_000,
    ],
    ids=lambda mail: repr(mail[:30]),
)  # fmt: skip
def test_no_mail_breaks_it_or_is_slow(mail: bytes) -> None:
    began = time.process_time()
    parsed = parse(mail)
    assert time.process_time() - began < 8
    assert "\x00" not in parsed.text + parsed.subject + parsed.unreadable
    parsed.text.encode()


def test_a_mail_without_structure_is_kept_as_it_came() -> None:
    mail = parse(nested(5000))
    assert (mail.text, mail.sender.email) == ("", "a@b.example")
    assert mail.unreadable.startswith("From: a@b.example")


header = st.sampled_from(
    [
        "From",
        "To",
        "Subject",
        "Date",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Content-Disposition",
        "References",
        "X",
    ]
)
value = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["multipart/mixed; boundary=b", 'multipart/alternative; boundary="b"', "message/rfc822", "text/html", "base64",
         "quoted-printable", "attachment; filename*=utf-8''%E2%82", 'multipart/report; report-type="x',
         "text/plain; a*0*=b"]
    ),
)  # fmt: skip
line = st.one_of(
    st.binary(max_size=60), st.sampled_from([b"--b", b"--b--", b"", b"Content-Type: text/plain", b"begin 644 x"])
)


@given(st.lists(st.tuples(header, value), max_size=8), st.lists(line, max_size=20))
@example([("Content-Type", "multipart/mixed; boundary=b")], [b"--b", b"Content-Type: message/rfc822", b"", b"--b--"])
def test_whatever_is_sent_is_taken_apart(headers: list[tuple[str, str]], lines: list[bytes]) -> None:
    head = b"".join(f"{name}: {text}\r\n".encode("utf-8", "replace") for name, text in headers)
    mail = parse(head + b"\r\n" + b"\r\n".join(lines))
    mail.text.encode()
    assert "\x00" not in mail.text
    for attachment in mail.attachments:
        assert attachment["size"] >= 0


@given(st.binary(max_size=400))
def test_any_bytes_are_taken_apart(some: bytes) -> None:
    parse(some).text.encode()
