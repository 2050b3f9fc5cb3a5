"""HTML to plain lines: what a reader would see, quotations marked by `> ` as in plain mail."""

import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser

import nh3

_BLOCKS = {
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "tr", "pre", "hr", "blockquote",
    "section", "article", "header", "footer", "dl", "dt", "dd",
}  # fmt: skip
_KEPT = _BLOCKS | {"br", "td", "th", "img"}
_DROPPED = {"script", "style", "title", "head", "template", "noscript", "svg", "math"}
_LOOKS_LIKE_HTML = re.compile(
    r"</?(?:p|div|br|span|a|b|i|em|strong|ul|ol|li|table|blockquote|html|body|h[1-6]|img|font|pre)"
    r"(?:\s+[a-z][a-z-]{0,30}\s?=[^<>]{0,2000})?\s*/?>",
    re.IGNORECASE,
)
_DEEPEST = 500
"""Elements within each other: any mail stays far below it, and every parser slows down with the square of it."""

_NESTING = re.compile(
    r"<(/?)(?!(?:p|li|td|th|tr|dt|dd|br|img|hr|meta|link|input|col|wbr|area|base)\b)([a-z][a-z0-9]{0,20})",
    re.IGNORECASE,
)  # of every tag that does not end by itself
_TAG = re.compile(r"<[a-z/!][^<>]*>", re.IGNORECASE)


def looks_like_html(text: str) -> bool:
    """Tell whether `text` holds a tag that mails and chats use; `a < b` and `<3` are not markup."""
    return _LOOKS_LIKE_HTML.search(text) is not None


def text_of_html(html: str) -> str:
    """Return the visible text of any HTML, however broken; a picture becomes its alternative text."""
    if _is_too_deep(html):
        return unescape(_TAG.sub(" ", html)).strip()
    # The sanitiser's parser is linear; what it leaves is well formed, and so is linear for Python's as well.
    clean = nh3.clean(html, tags=_KEPT, attributes={"img": {"alt"}}, clean_content_tags=_DROPPED, link_rel=None)
    lines = _Lines()
    lines.feed(clean)
    lines.close()
    return lines.text()


def _is_too_deep(html: str) -> bool:
    open_now: Counter[str] = Counter()  # by name: an end tag ends nothing that was not begun
    depth = 0
    for tag in _NESTING.finditer(html):
        name = tag[2].lower()
        if not tag[1]:
            open_now[name] += 1
            depth += 1
        elif open_now[name]:
            open_now[name] -= 1
            depth -= 1
        if depth > _DEEPEST:
            return True
    return False


class _Lines(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
        self._depth = self._preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self._line.append(dict(attrs).get("alt") or "")
        elif tag in {"td", "th"}:
            self._line.append(" ")
        elif tag == "br":
            self._end_line()
        else:
            self._end_block(tag, opens=1)
            self._line.extend(["- "] if tag == "li" else [])

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_block(tag, opens=-1)

    def handle_data(self, data: str) -> None:
        if not self._preformatted:
            self._line.append(re.sub(r"[ \t\r\n\f]+", " ", data))
            return
        first, *others = data.split("\n")
        self._line.append(first)
        for other in others:
            self._end_line()
            self._line.append(other)

    def _end_block(self, tag: str, *, opens: int) -> None:
        if "".join(self._line).strip():
            self._end_line()
        self._line.clear()
        if tag == "blockquote":
            self._depth = max(0, self._depth + opens)
        elif tag == "pre":
            self._preformatted = max(0, self._preformatted + opens)
        elif tag in {"p", "table", "ul", "ol"} and self._lines and self._lines[-1].strip("> "):
            self._lines.append("> " * min(self._depth, 9))

    def _end_line(self) -> None:
        line = "".join(self._line)
        self._line.clear()
        self._lines.append("> " * min(self._depth, 9) + (line.rstrip() if self._preformatted else line.strip()))

    def text(self) -> str:
        self._end_block("", opens=0)
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n")
