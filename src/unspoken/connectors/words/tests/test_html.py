"""HTML becomes what a reader sees, quickly, however broken it is."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspoken.connectors.words.html import looks_like_html, text_of_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>It leaks.</p><p>Again!</p>", "It leaks.\n\nAgain!"),
        ("<div>One<br>two</div><div>three</div>", "One\ntwo\nthree"),
        ("a&nbsp;b &amp; c &lt;3 &eacute; &#128542;", "a\u00a0b & c <3 é 😞"),
        ("<style>p{color:red}</style><script>alert(1)</script><title>T</title><p>seen</p>", "seen"),
        ("<ul><li>one<li>two</ul>", "- one\n- two"),
        ("<p>Mine</p><blockquote><p>theirs<br>and more</p><blockquote>older</blockquote></blockquote><p>Mine too</p>",
         "Mine\n\n> theirs\n> and more\n> \n> > older\n\nMine too"),
        ("<table><tr><td>Order</td><td>1</td></tr><tr><td>Total</td><td>40</td></tr></table>", "Order 1\nTotal 40"),
        ("<pre>a\n  b</pre>c", "a\n  b\nc"),
        ('<p>So sad <img alt="😞" src="https://tracker.example/x.gif"></p>', "So sad 😞"),
        ("<p>unclosed <b>bold <i>both", "unclosed bold both"),
        ("<!-- hidden --><p>shown<!-- not", "shown"),
        ('<p onclick="x()">a</p><a href="javascript:x">b</a>', "a\n\nb"),
        ("", ""),
        ("<p> </p>\n<div>\n</div>", ""),
    ],
)  # fmt: skip
def test_the_visible_text_is_taken(html: str, text: str) -> None:
    assert text_of_html(html) == text


@pytest.mark.parametrize("text", ["a < b", "<3", "5 <6> 7", "<mina@lumen.example>", "if (a<b && c>d)", "<not a tag>"])
def test_angle_brackets_alone_are_no_html(text: str) -> None:
    assert not looks_like_html(text)


@pytest.mark.parametrize("text", ["<p>Hi</p>", "Hi<br/>there", "<DIV class='x'>Hi", "Hi</span>"])
def test_tags_of_mails_and_chats_are_html(text: str) -> None:
    assert looks_like_html(text)


@given(st.text(alphabet=st.sampled_from("<>/abdivp ='\"!-&;#x0\n"), max_size=300))
def test_nothing_breaks_it(html: str) -> None:
    assert isinstance(text_of_html(html), str)


@given(
    st.lists(
        st.sampled_from(["<div>", "</div>", "<blockquote>", "</blockquote>", "<p>", "word ", "<b>", "</p>", "<pre>"])
    )
)
def test_no_word_between_tags_is_lost(pieces: list[str]) -> None:
    assert text_of_html("".join(pieces)).split().count("word") == pieces.count("word ")


@pytest.mark.parametrize(
    "piece", ["<div>", "<b>", "<b><div></b>", "<table><tr><td>", "<blockquote>", "<!--", "<a ", "&amp", "<"]
)
def test_no_html_is_slow(piece: str) -> None:
    began = time.process_time()
    text_of_html(piece * 100_000)
    assert time.process_time() - began < 6
