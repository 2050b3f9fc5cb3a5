"""Writing down what a customer says: speech to text, offline, where an installation wants it.

Start with `transcriber.py`, which says what every backend answers; `faster.py` is the one there is. `apart.py` runs it
in a process of its own, `utterances.py` cuts a live channel, `recording.py` goes through a recorded one.
"""
