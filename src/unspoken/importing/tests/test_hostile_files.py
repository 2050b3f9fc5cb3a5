"""Files that are broken, huge or something else: what can be used is used, the rest is rejected, nothing crashes."""

import contextlib
import io
import json
import string
import tracemalloc
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unspoken.conversations.models import Message
from unspoken.importing.contacts import open_contacts
from unspoken.importing.encodings import encoding_of
from unspoken.importing.formats import delimited, jsons, vcard, webvtt
from unspoken.importing.moments import Dates, day_comes_first
from unspoken.importing.pieces import Refused, UnusableFile

from .bringing import bring, converted, opened, written

FIELDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)


def rejected(path: Path) -> list[tuple[int, str]]:
    kept = path.with_name(f"{path.name}.rejected.jsonl")
    return [(one["line"], one["field"]) for one in map(json.loads, kept.read_text().splitlines())]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8, with a mark"), ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16 without a mark"), ("utf-16-be", "UTF-16 without a mark"),
        ("cp1252", "Windows-1252, as it is not UTF-8"),
    ],
)  # fmt: skip
def test_finds_the_encoding_and_says_it(tmp_path: Path, encoding: str, said: str) -> None:
    text = "id,email,text\r\n1,a@example.org,Très “déçu” de votre façon d’agir\r\n" + "2,a@example.org,plain\r\n" * 9
    path = written(tmp_path, "a.csv", text.encode(encoding))
    assert encoding_of(path).said == said
    assert converted(path)[0].text == "Très “déçu” de votre façon d’agir"


@pytest.mark.django_db(transaction=True)
def test_one_line_that_is_no_utf_8_is_rejected_and_the_others_come_in(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "id,email,text\n1,a@x.org,déçu\n2,a@x.org,d".encode() + b"\xe9\n3,a@x.org,ok\n")
    assert opened(path).said == "CSV, UTF-8, with 1 line that is not, separated by commas"
    assert bring(path).counts["stored"] == 2
    assert rejected(path) == [(3, "encoding")]


@pytest.mark.django_db(transaction=True)
def test_takes_emoji_and_right_to_left_text_as_they_are_and_rejects_nul(tmp_path: Path) -> None:
    texts = ["👩‍👩‍👧 😡", "השירות גרוע", "الخدمة سيئة \u202e", "a\x00b"]
    path = written(tmp_path, "a.jsonl", "".join(json.dumps({"id": n, "text": t}) + "\n" for n, t in enumerate(texts)))
    bring(path)
    assert list(Message.objects.order_by("external_id").values_list("text", flat=True)) == texts[:3]
    assert rejected(path) == [(4, "text")]


@pytest.mark.django_db(transaction=True)
def test_a_message_of_more_than_ten_megabytes_is_rejected_alone(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", f"id,text\n1,small\n2,{'x' * (11 * 2**20)}\n3,{'y' * (13 * 2**20)}\n4,small\n")
    assert bring(path).counts["stored"] == 2
    assert rejected(path) == [(3, "text"), (4, "line")]
    kept = [json.loads(line) for line in (tmp_path / "a.csv.rejected.jsonl").read_text().splitlines()]
    assert (len(kept[0]["raw"]), kept[0]["raw_cut_from"]) == (2**20, 11 * 2**20 + 3)


@pytest.mark.django_db(transaction=True)
def test_a_stray_quotation_mark_costs_one_line(tmp_path: Path) -> None:
    rows = [f'{n},"words, number {n}"\n' for n in range(1, 1001)]
    rows[499] = '500,"words, and no end\n'
    path = written(tmp_path, "a.csv", "id,text\n" + "".join(rows))
    assert bring(path).counts["stored"] == 999
    assert rejected(path) == [(501, "line")]


@pytest.mark.django_db
def test_a_quoted_field_may_hold_line_breaks(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", 'id,text\n1,"one\ntwo, ""three"""\n2,four\n')
    assert [one.text for one in converted(path)] == ['one\ntwo, "three"', "four"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"), (b" \n\n", "nothing but blanks"), (b"PK\x03\x04....", "a ZIP archive or an Excel"),
        (b"%PDF-1.7", "a PDF"), (b"hello world\n", "No column"), (b"a,b\n1,2\n", "It has: a, b"),
        (b"[1, 2, 3]", "holds no objects"), (b"{{{{", "holds no objects"),
        (b"BEGIN:VCARD\nEND:VCARD\n", "--kind contacts"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_the_reason(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(UnusableFile, match=why):
        opened(written(tmp_path, "a", content))


@pytest.mark.django_db
def test_a_missing_file_and_a_folder_without_mails_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="No such file"):
        opened(tmp_path / "none.csv")
    with pytest.raises(UnusableFile, match="a folder without mails"):
        opened(tmp_path)


@pytest.mark.django_db
def test_a_broken_array_gives_what_comes_before_the_break(tmp_path: Path) -> None:
    path = written(tmp_path, "a.json", '[{"text": "one"}, {"text": "two"}, {"text" "three"}, {"text": "four"}]')
    pieces = list(opened(path).pieces())
    assert [piece.content for piece in pieces[:2]] == [{"text": "one"}, {"text": "two"}]
    assert len(pieces) == 3
    assert pieces[2].problem and "is no JSON from here on" in pieces[2].problem.message


@pytest.mark.django_db
def test_a_large_file_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write("id,email,text\n")
        for number in range(200_000):
            file.write(f"{number},a{number}@example.org,{'words ' * 20}\n")
    found = opened(path)
    tracemalloc.start()
    count = sum(len(found.convert(piece)) for piece in found.pieces())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 200_000
    assert path.stat().st_size > 28_000_000
    assert peak < 24_000_000  # most of it the customers remembered by conversation


@given(st.lists(st.lists(FIELDS, min_size=3, max_size=3), min_size=1, max_size=8), st.sampled_from(",;\t|"))
def test_every_csv_that_python_writes_comes_back_as_it_was(rows: list[list[str]], delimiter: str) -> None:
    import csv

    rows = [[cell.replace("\r", " ") for cell in row] for row in rows]
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b", "c"], *rows])
    table = delimited.Delimited(delimiter, ["a", "b", "c"])
    pieces = list(table.pieces(io.StringIO(file.getvalue(), newline="")))
    assert [piece.problem for piece in pieces if piece.problem] == []
    assert [list(piece.content.values()) for piece in pieces] == [row for row in rows if any(map(str.strip, row))]


@given(st.text(alphabet='ab,;"\n\r\t|\x00é', max_size=300))
def test_no_csv_is_ever_too_broken_and_each_line_is_in_one_piece(text: str) -> None:
    try:
        table = delimited.delimited_of(text)
    except UnusableFile:
        return
    pieces = list(table.pieces(io.StringIO(text, newline="")))
    assert [piece.number for piece in pieces] == list(range(1, len(pieces) + 1))
    left = "".join(piece.raw for piece in pieces)
    assert all(text.count(letter) >= left.count(letter) for letter in 'ab"é')


@given(st.text(alphabet=string.ascii_letters + '<>v/.&;: \n-"01', max_size=300))
def test_no_call_is_ever_too_broken(text: str) -> None:
    cues = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n\n00:03.000 --> 00:04.000\n<v Agent>Bye.\n"
    segments = webvtt.segments_of(cues.splitlines())
    assert segments[-1].text.endswith("Bye.")
    assert all(one.text and one.ends >= one.begins for one in segments)


@given(st.text(alphabet=string.ascii_letters + ":;,\\=\n \r\"'@+0123", max_size=300))
def test_no_card_is_ever_too_broken(text: str) -> None:
    file = io.StringIO(f"BEGIN:VCARD\n{text}\nEND:VCARD\n", newline="")
    for piece in vcard.cards(file):
        if piece.problem is None:
            vcard.card_of(piece)


@given(st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
def test_no_bytes_crash_recognition(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(content)
    try:
        found = open_contacts(path)
        for piece in found.pieces():
            if piece.problem is None:
                found.convert(piece)
    except (UnusableFile, Refused):
        pass


@given(st.lists(st.dictionaries(FIELDS, FIELDS | st.integers() | st.none(), max_size=4), max_size=6))
def test_an_array_is_read_like_the_whole(rows: list[dict[str, object]]) -> None:
    for indent in (None, 2):
        pieces = list(jsons.from_array(io.StringIO(json.dumps(rows, indent=indent))))
        assert [piece.content for piece in pieces] == rows


@given(st.text(max_size=40))
def test_a_date_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError, OverflowError, OSError):
        assert Dates(UTC).read(text).tzinfo is UTC


def test_the_order_of_day_and_month_shows_in_dates_that_can_only_be_one() -> None:
    assert day_comes_first(["01/02/2026", "13/02/2026"]) is True
    assert day_comes_first(["01/02/2026", "02/13/2026 10:00"]) is False
    assert day_comes_first(["01.02.2026"]) is True
    assert day_comes_first(["01/02/2026", "2026-02-13"]) is None
