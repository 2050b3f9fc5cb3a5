"""What the words of an agent commit us to: promises with a time, and refusals. Facts about us, never an emotion.

Agents' turns are never read for emotion. Two plain facts are taken from their text by rule, because they explain what
the customer says next: "within 24 hours" (a promise that can be broken) and "I am afraid there is none" (a refusal).
"""

import re

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


def promise_due(text: str, at: float) -> float | None:
    """Return when (epoch seconds) what an agent's `text`, written `at`, promises is due, or None without a promise.

    The longest time named counts: "within two to three days" is due after three. Working days are stretched by 7/5.
    """
    due = [
        at + seconds
        for sentence in _SENTENCE.findall(text)
        if _COMMITS.search(sentence) or "within" in sentence.lower()
        for seconds in _durations(sentence)
    ]
    return max(due, default=None)


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
