"""The model's card: what it is for, how it was made, how good it is and where it fails; the figures are measured."""

from collections.abc import Iterator, Sequence

from unspoken.perception.gates import Gate, found
from unspoken.perception.text.gates import LIGHT
from unspoken.perception.text.report import ENOUGH_ROWS, Report

_WEAK = 0.4

_USE = """\
## What it is for

Saying what a written English message from a customer *expresses*: 28 emotion labels, a customer-experience
vocabulary made from them, valence (−1…1), arousal, dominance and intensity (0…1), eight service marks (satisfied,
dissatisfied, frustration, disappointment, urgency, leaving, escalation, sarcasm), five moves (asks, answers, complains,
thanks, greets), the words that carried the emotions, and a sentence embedding.
It helps people notice and understand. It does not know what anybody feels, and must not decide anything about
anybody: no prices, no ranking of customers, no assessment of employees.

"""
_DATA = """\
Trained on the training splits of GoEmotions (Apache-2.0; Demszky et al., ACL 2020), EmoBank (CC BY-SA 4.0; Buechel &
Hahn, EACL 2017), SemEval-2025 task 11 (CC BY 4.0; Muhammad et al., 2025; intensity), the movie and news snippets of
VADER's ground truth (MIT; Hutto & Gilbert, ICWSM 2014), sentences of reviews (CC BY 4.0; Kotzias et al., KDD 2015),
XED's English lines without their labels (CC BY 4.0; Öhman et al., COLING 2020), and {messages:,} service messages that
were written and labelled for this (Apache-2.0; `training/text/service/DATASHEET.md`). No customer's message was used.
Persons are hidden in training as in use. Probabilities, thresholds, prediction sets and scales were fitted on
development data with the weights as shipped. Test splits and the sets marked *never trained on* served the figures
only. Code, and what was tried: `training/text/`.
"""
_LIMITS = """\

## Where it fails

- It reads English. Other languages are recognised and not read; a mixture may slip through.
- Its emotions were learnt mostly from Reddit comments, whose writers are mostly young men, labelled by raters from
  India. Its service marks were learnt from messages that language models wrote and labelled: tidier and wittier than a
  real desk's mail, and the agreement of their readers is that of two models.
- Sarcasm is often taken at its word, above all where nothing but the matter gives it away.
- A mark can follow a word and not its meaning ("cancel" in a message of somebody who stays).
- It sees no capital letters, and of what came before a message at most a few lines, and those only for short ones.
- It was taught negation and contrast by sentences of a small grammar (`training/text/contrast.py`), which shares its
  idea with CheckList, though not its wording: that figure says less about other text than it seems to.
- Names that are also words ("Grace", "Will") and names that its list lacks are not hidden. "Black", "white" and
  "straight" are hidden before people and behind "she is a" or a name, elsewhere not. What is hidden was completed
  after looking at where CheckList's tests on who is spoken of failed.
- Anger *about* something and anger *at* somebody look the same to it.
- Labels and marks with few examples (see the tables) are weak; a missing one is no sign that nothing was expressed.
- Its prediction sets hold a true label nine times of ten on text like GoEmotions; on service messages that is not
  promised, and the figures below say how far it holds.
"""
_MADE = """\
## How it was made

"""
_STANDARD = _USE + _MADE + """\
MiniLM (6 layers of 384, 22 million parameters; sentence-transformers/all-MiniLM-L6-v2, Apache-2.0), fine-tuned for all
of these at once and taught by eight networks of the same kind (soft targets: Hinton et al., 2015), then int8. Arousal
and dominance are fitted by ridge regression on mean and spread of the states of three layers, and on exclamation marks.
""" + _DATA + _LIMITS + """\
- The spans are the model's own evidence, exact for its last layer, which has already mixed in each word's context.
"""  # fmt: skip
_LIGHT = _USE + _MADE + """\
An embedding bag of 192 over word pieces beside 384 patterns over three of them (the strongest answer of each counts),
with linear heads beside one hidden layer of 192; taught by the encoder's teachers and by what the encoder says of
490,000 mixed texts; int8, numpy alone. What it costs: `python -m benchmarks reading`.
""" + _DATA + _LIMITS + """\
- It knows words and three of them in a row, not sentences: "I thought it was good, but it was not" reads as praise.
- It reads every message for itself, without what came before.
- The spans are gradient × input at this text (Simonyan et al., 2014): exact to first order.
"""  # fmt: skip


def card(report: Report, gates: Sequence[Gate], messages: int) -> str:
    """Return the card in Markdown; gates: those that the weights had to pass; messages: our own that it learnt from."""
    producer = report.producer
    parts = [
        f"# {producer.name} {producer.version}\n\nsha256 of the weights: `{producer.sha256}`\n\n",
        (_LIGHT if gates is LIGHT else _STANDARD).format(messages=messages),
        "\n## Gates\n\nFigures that weights must reach to be shipped, and what was aimed at.\n\n",
        *_gates(gates, report),
        "\n## Figures\n\nWith 95 % bootstrap intervals; every row is read as in the product.\n",
        "Printed by `unspoken evaluate text`.\n\n",
        *_figures(report),
        "\n## Labels\n\nGoEmotions test split, thresholds of development. ",
        f"An F1 on fewer than {ENOUGH_ROWS} rows says little.\n\n",
        *_labels(report),
    ]
    return "".join(parts)


def _gates(gates: Sequence[Gate], report: Report) -> Iterator[str]:
    yield "| corpus | what | this model | gate | aim | |\n|---|---|---|---|---|---|\n"
    for gate, line in found(gates, report.lines):
        sign, reached = "≤" if gate.most else "≥", "reached" if gate.reaches(line.ours.value) else "not reached"
        figures = f"{line.ours.value:.3f} | {sign} {gate.floor} | {sign} {gate.aim} | {reached}"
        yield f"| {line.corpus} | {line.what} | {figures} |\n"


def _figures(report: Report) -> Iterator[str]:
    yield "| corpus | what | this model | VADER |\n|---|---|---|---|\n"
    for line in report.lines:
        yield f"| {line.corpus} | {line.what} | {line.ours} | {line.theirs or ''} |\n"


def _labels(report: Report) -> Iterator[str]:
    yield "| label | F1 | threshold | rows |\n|---|---|---|---|\n"
    for label, f1, threshold, rows in report.labels:
        mark = " (weak)" if f1 < _WEAK else ""
        yield f"| {label} | {f1:.2f}{mark} | {threshold:.2f} | {rows} |\n"
