"""Plain facts that words state: promises, refusals, goodbyes, what a question is about. By rule; never an emotion.

Agents' turns are never read for emotion. Facts are taken from their text because they explain what the customer says
next: "within 24 hours" can be broken, "I am afraid there is none" turns a wish down, "have a nice day" ends it.
"""

import re
from functools import lru_cache
from typing import NamedTuple

LOOKED_AT = 4000  # characters of a text whose facts are looked at

_UNITS = {"minute": 60.0, "min": 60.0, "hour": 3600.0, "hr": 3600.0, "day": 86400.0, "week": 604800.0}
_BUSINESS_DAYS = 7 / 5  # working days last longer on the calendar
_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10,
    "a few": 3, "a couple of": 2, "couple of": 2, "few": 3,
}  # fmt: skip
_NUMBER = r"(\d{1,3}|" + "|".join(sorted(_WORDS, key=len, reverse=True)) + ")"
_SPAN = re.compile(
    r"\b(?:within|in|in the next|over the next|no later than|at most|takes?|up to)\s+"
    r"(?:the\s+next\s+)?(?:about\s+|around\s+)?"
    + _NUMBER + r"(?:\s*(?:-|–|to|or)\s*(\d{1,3}|two|three|four|five|six|seven|ten))?"
    r"[\s-]+((?:business|working)\s+)?(minute|min|hour|hr|day|week)s?\b",
    re.IGNORECASE,
)  # fmt: skip
_BY_WORD: tuple[tuple[re.Pattern[str], float], ...] = (
    (re.compile(r"\bby (?:tonight|(?:the )?end of (?:the |this )?day|eod)\b|\blater today\b", re.IGNORECASE), 43200.0),
    (re.compile(r"\b(?:by|before|until|first thing|back to you) tomorrow\b", re.IGNORECASE), 129600.0),
    (re.compile(r"\bby (?:the )?end of (?:the|this) week\b|\bthis week\b", re.IGNORECASE), 604800.0),
)
_COMMITS = re.compile(
    r"\b(?:will|shall|we'll|i'll|you'll|it'll|they'll|should|going to|promise|guarantee|expect|usually|normally"
    r"|takes?)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_EMPTY_WORDS = frozenset(
    _WORD.findall(
        "a about all also am an and any are as at be been but by can could did do does for from get got had has have "
        "hello hey hi how i i'd i'm i've if in is it its it's just like me my need no not now of ok okay on or our "
        "please so some still thank thanks that that's the their them then there they this to too up us want was we "
        "were what when where which who why will with would yes you your"
    )
)
_SENTENCE = re.compile(r"[^.!?\n]+")
_REFUSES = re.compile(
    r"\b(?:unfortunately|regrettably|unable to|no longer available|not available|unavailable|not possible"
    r"|(?:i'?m|i am|we'?re|we are) afraid|(?:can't|cannot|can not|couldn't|could not|won't be able to|wasn't able to"
    r"|was not able to|not able to|do not|don't|does not|doesn't) (?:find|offer|have|allow|provide|do that|help|refund"
    r"|accept|locate|make|book|see any|support|exchange|replace|cancel|change|process|serve|seem to)"
    r"|there (?:are|is|were|was) (?:no|not any|none|nothing)|there (?:isn't|aren't)|no (?:results|matches|options|such)"
    r"|not (?:eligible|covered|allowed|permitted)"
    r"|(?:was|were|is) (?:declined|denied|unsuccessful|fully booked|sold out)"
    r"|against (?:our|the) policy|(?:has|have) failed|failed to|nothing (?:available|matching|that match\w*))\b",
    re.IGNORECASE,
)

_MISUNDERSTANDS = re.compile(
    r"\b(?:(?:didn't|did not|don't|do not|couldn't|could not) (?:quite )?(?:understand|catch|get that|follow)"
    r"|not sure (?:what you mean|i (?:understand|follow))|(?:repeat|rephrase) (?:that|your|the|it)"
    r"|say that again|what do you mean|(?:please )?clarify)\b",
    re.IGNORECASE,
)
_CLOSES = re.compile(
    r"\b(?:good ?bye|bye|see you|take care"
    r"|have (?:a|an) (?:great|good|nice|lovely|wonderful|safe|pleasant|beautiful|fun) \w+|enjoy (?:your|the rest of)"
    r"|that(?:'s| is| will be|'ll be) (?:all|it|everything)|(?:nothing|no,? nothing) (?:else|more)"
    r"|all set|(?:i'?m|i am) (?:good|done))\b",
    re.IGNORECASE,
)
_OFFERS_MORE = re.compile(
    r"\b(?:any(?:thing|one) (?:else|more)|anything further|something else|(?:else|more) (?:that )?(?:i|we) can)\b",
    re.IGNORECASE,
)


class Facts(NamedTuple):
    """What one text states: what it is about, promised_within (seconds or None), and the yes-or-no facts."""

    key: str
    promised_within: float | None
    refuses: bool
    misunderstands: bool
    asks: bool
    closes: bool
    offers_more: bool


@lru_cache(maxsize=4096)
def facts_of(text: str) -> Facts:
    """Return all facts of `text`; remembered, because every message has the whole conversation looked at again."""
    text = text[:LOOKED_AT]
    closing, offering = closes(text), offers_more(text)
    asking = "?" in text and not (closing or offering)
    within = promised_within(text)
    return Facts(text_key(text), within, refuses(text), misunderstands(text), asking, closing, offering)


def promise_due(text: str, at: float) -> float | None:
    """Return when (epoch seconds) what an agent's `text`, written `at`, promises is due, or None without a promise."""
    within = promised_within(text)
    return None if within is None else at + within


def promised_within(text: str) -> float | None:
    """Return the longest time (seconds) that `text` promises something in, or None without a promise.

    "Within two to three days" is three days. Working days are stretched by 7/5.
    """
    spans = (
        seconds
        for sentence in _SENTENCE.findall(text)
        if _COMMITS.search(sentence) or "within" in sentence.lower()
        for seconds in _durations(sentence)
    )
    return max(spans, default=None)


def _durations(sentence: str) -> list[float]:
    found = []
    for first, last, working, unit in _SPAN.findall(sentence):
        seconds = max(_number(first), _number(last)) * _UNITS[unit.lower()]
        found.append(seconds * _BUSINESS_DAYS if working and unit.lower() == "day" else seconds)
    found.extend(seconds for pattern, seconds in _BY_WORD if pattern.search(sentence))
    return found


def _number(word: str) -> float:
    word = word.lower()
    return float(word) if word.isdigit() else float(_WORDS.get(word, 0))


def refuses(text: str) -> bool:
    """Return whether an agent's `text` turns a wish down or reports that something did not work."""
    return _REFUSES.search(text) is not None


def misunderstands(text: str) -> bool:
    """Return whether our `text` says that the customer was not understood, or asks them to say it again."""
    return _MISUNDERSTANDS.search(text) is not None


def closes(text: str) -> bool:
    """Return whether `text`, by either side, takes leave: little will come after it."""
    return _CLOSES.search(text) is not None


def offers_more(text: str) -> bool:
    """Return whether our `text` asks if there is anything else: what was wanted is done. No asking back."""
    return _OFFERS_MORE.search(text) is not None


def text_key(text: str) -> str:
    """Return the words of a customer's `text` that say what it is about, sorted; '' when fewer than two do."""
    words = {word for word in _WORD.findall(text.lower().replace("’", "'")) if word not in _EMPTY_WORDS}
    return " ".join(sorted(words)) if len(words) > 1 else ""
