"""The voice model's card: what it is for, how it was made, how good it is and where it fails."""

from collections.abc import Sequence

from unspoken.affect.reading import Producer
from unspoken.perception.figures import Line
from unspoken.perception.gates import Gate, found

_TEXT = """\
## What it is for

Saying what the *tone* of a customer's voice expresses on a call, second by second, so that a person can step in while
it still helps: arousal, stress (tension that is not pleasant: here, acted anger and fear), likely anger, likely
sadness, each a chance of 0…1 against how this caller sounded at first; pleasure only as a weak hint, for which the
words are far better. It does not know what anybody feels, and must not decide anything about anybody. It must never
hear an employee: only a channel that is declared to be the customer's is read.

## How it was made

The first two blocks of Whisper's tiny English encoder (OpenAI, MIT licence: see NOTICE), as they are, then int8; where
speech is and what it expresses are linear layers on them, made of EmoDB alone (Burkhardt et al., Interspeech 2005; CC0
as published by audEERING): ten German actors, 535 recordings, each also as a noisy telephone carries it, and of sounds
without speech that were made for it. Whether two speak at once is told by a network of one hidden layer, made of EmoDB
and of voices by espeak-ng. Code: `training/voice/`. TESS and the simulated calls served the figures only.

## Where it fails

- It learnt from ten actors in one language. Acted emotion is stronger than what callers express; published results on
  real calls are far lower than those below. Nobody has recordings of real stress that may be used; none were.
- What it tells of arousal holds across the languages that it was tried on; single emotions are a hint, no more.
- It needs two seconds of speech, and says nothing where noise is nearly as loud as the voice, where both sides speak at
  once, on one channel with both sides, and on sounds that are no speech. Singing, children, illness and strong accents
  were not tried; the music was made by arithmetic.
- Music behind a voice spoils what is told; it is heard by its chords that stand still (`music`), the more surely the
  louder it is. A single instrument or a soft one behind a voice is missed. What is a chord was set by half of EmoDB's
  speakers; that a voice on one pitch is none was mended after TESS, whose neutral sentences are chanted.
- Two people at once on the customer's own channel (`overlap`) are heard by what was learnt from voices laid over
  each other, never from a real call. It was set to miss rather than to refuse a single voice; what is missed is
  told as of one. A second voice in half of a window, a softer one and one of the same sex are missed more often. Babble
  close behind a voice, and a loud echo, pass for a second voice at times. People who take turns on one channel are not
  told apart.
- Loudness and pitch that are usual for a caller are taken off after some ten seconds of calm speech; who calls upset
  from the first word has no calm speech to compare with.

"""


def card(producer: Producer, gates: Sequence[Gate], lines: Sequence[Line]) -> str:
    """Return the card as Markdown, with every figure."""
    title = f"# {producer.name} {producer.version}\n\nencoder.onnx, sha256 {producer.sha256}\n\n"
    aims = ["## What was aimed at\n", "| measured on | what | value | floor | aim | |", "|---|---|---|---|---|---|"]
    for gate, line in found(gates, lines):
        sign, word = "≤" if gate.most else "≥", "reached" if gate.reaches(line.ours.value) else "not reached"
        values = f"{line.ours.value:.3f} | {sign} {gate.floor} | {sign} {gate.aim}"
        aims.append(f"| {line.corpus} | {line.what} | {values} | {word} |")
    every = ["\n## Every figure\n", "By `unspoken evaluate voice`, with 95 % bootstrap intervals.\n"]
    every += ["| measured on | what | value |", "|---|---|---|"]
    every += [f"| {line.corpus} | {line.what} | {line.ours} |" for line in lines]
    return title + _TEXT + "\n".join([*aims, *every]) + "\n"
