"""The words that carried a label, from the evidence of each token. Pure.

The label's logit is the mean of its tokens' logits plus a constant, so a token's share is exact and they add up. What
is shown are the words whose share lies furthest above the text's own mean: the rest is context.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unspoken.affect.reading import Span

_WORDS_PER_LABEL = 3
_NEAR_THE_STRONGEST = 0.5  # of the strongest word's lead over the mean
_FILLERS_WORDS = """
a an the and or but of to in on at for with from by as is are was were be been am it its it's this that these
those i i'm i've me my we us our you your he him his she her they them their there here what which who do does
did have has had will would can could if so then than
"""
_FILLERS = frozenset(_FILLERS_WORDS.split())
_EDGE = re.compile(r"^[^\w☀-➿⭐\U0001f300-\U0001faff]+|[^\w☀-➿⭐\U0001f300-\U0001faff]+$")

Word = tuple[int, int, list[int]]  # first character, end, its tokens


def words_of(text: str, offsets: Sequence[tuple[int, int]]) -> list[Word]:
    """Return the words between spaces with the tokens that make them, punctuation at their edges left out."""
    groups: list[Word] = []
    before = 0
    for token, (start, end) in enumerate(offsets):
        if start == end:
            continue
        if groups and (start == before or not any(map(str.isspace, text[before:start]))):
            first, _, tokens = groups[-1]
            groups[-1] = (first, end, [*tokens, token])
        else:
            groups.append((start, end, [token]))
        before = end
    return [trimmed for group in groups if (trimmed := _trimmed(text, group))]


def spans_of(
    text: str, offsets: Sequence[tuple[int, int]], labels: Sequence[tuple[str, float, NDArray[np.float32]]]
) -> tuple[Span, ...]:
    """Return the words of `text` that carried the labels (name, probability, evidence (tokens,)), strongest first.

    A span's weight is the label's probability for its strongest word and in proportion for the others. A word is named
    once, for the label that it carried most.
    """
    words = words_of(text, offsets)
    chosen: dict[int, tuple[str, float]] = {}
    for name, probability, evidence in labels:
        leads = (evidence - evidence.mean()).tolist()
        for place, strength in _strongest(text, words, leads):
            weight = probability * strength
            if place not in chosen or weight > chosen[place][1]:
                chosen[place] = (name, weight)
    spans = _joined(text, words, chosen)
    return tuple(sorted(spans, key=lambda span: (-span.weight, span.start)))


def _strongest(text: str, words: Sequence[Word], leads: Sequence[float]) -> list[tuple[int, float]]:
    """Return the few words (place, strength up to 1) that lead the text's mean most."""
    scored = [(max([leads[token] for token in tokens]), place) for place, (_, _, tokens) in enumerate(words)]
    telling = [item for item in scored if text[slice(*words[item[1]][:2])].lower() not in _FILLERS] or scored
    if not telling:
        return []
    best = max(telling)[0]
    if best <= 0:
        return [(max(telling)[1], 1.0)]
    near = [(place, lead / best) for lead, place in sorted(telling, reverse=True) if lead >= _NEAR_THE_STRONGEST * best]
    return near[:_WORDS_PER_LABEL]


def _joined(text: str, words: Sequence[Word], chosen: dict[int, tuple[str, float]]) -> list[Span]:
    """Return spans of the chosen words; neighbours of one label become one."""
    spans: list[Span] = []
    previous = -2
    for place in sorted(chosen):
        label, weight = chosen[place]
        start, end, _ = words[place]
        if spans and previous == place - 1 and spans[-1].label == label and text[spans[-1].end : start].isspace():
            spans[-1] = Span(spans[-1].start, end, label, max(weight, spans[-1].weight))
        else:
            spans.append(Span(start, end, label, weight))
        previous = place
    return spans


def _trimmed(text: str, word: Word) -> Word | None:
    start, end, tokens = word
    if text[start:end].isalnum():
        return word
    bare = _EDGE.sub("", text[start:end])
    if not bare:
        return None
    begin = text.index(bare, start)
    return begin, begin + len(bare), tokens
