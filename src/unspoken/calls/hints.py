"""One quiet hint for whoever is on the line with a customer; none most of the time. Pure."""

from collections.abc import Sequence

from unspoken.affect.tone import Window, tone_of

from .talk import Talk
from .timeline import at

LONG_TENSE = 5.0  # seconds of a tense voice
LONG_SILENCE = 15.0  # seconds without a word
OFTEN, LATELY = 3, 30.0  # times that both spoke at once, in so many seconds
RELIEVED = 0.25  # by how much the stress of a voice has fallen below the call before


def hint_of(talk: Talk, windows: Sequence[Window], *, until: float) -> str:
    """Return what may help at second `until` of a call, in one or two sentences, or ''."""
    quiet = until - talk.last_word
    if talk.seconds and quiet >= LONG_SILENCE:
        return f"Nobody has said a word for {quiet:.0f} seconds. Saying what you are doing makes waiting easier."
    both = [run for run in talk.runs if run[2] == "both" and run[1] >= until - LATELY]
    if len(both) >= OFTEN:
        return "You both spoke at once several times just now. Letting them finish may help."
    tone = tone_of(windows)
    if tone is None:
        return ""
    if tone.tense_for >= LONG_TENSE:
        since = at(tone.at - tone.tense_for)
        return f"Their voice has sounded tense since {since}. Slowing down and saying back what you heard may help."
    if tone.rise <= -RELIEVED:
        return "Their voice sounds calmer than before."
    return ""
