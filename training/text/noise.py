"""Slips of the keyboard, so that a misspelt message reads as it would without its slips."""

import numpy as np

from unspoken.perception.text.spelling import BESIDE

MISSPELT = 0.35  # of the messages
SLIPS = 0.06  # of their letters, at most


def misspelt(text: str, random: np.random.Generator) -> str:
    """Return `text`, of one in three messages with a few letters swapped, dropped, doubled or missed."""
    if random.random() >= MISSPELT or len(text) < 6:
        return text
    letters = list(text)
    for _ in range(1 + int(random.random() * SLIPS * len(text))):
        place = int(random.integers(1, len(letters) - 1))
        letter = letters[place]
        if not letter.isalpha() or not letters[place - 1].isalpha():
            continue
        slip = int(random.integers(4))
        if slip == 0 and letters[place + 1].isalpha():
            letters[place], letters[place + 1] = letters[place + 1], letter
        elif slip == 1:
            letters[place] = ""
            letters = [one for one in letters if one]
        elif slip == 2:
            letters.insert(place, letter)
        else:
            beside = BESIDE.get(letter.lower(), letter)
            letters[place] = beside[int(random.integers(len(beside)))]
        if len(letters) < 4:
            break
    return "".join(letters)
