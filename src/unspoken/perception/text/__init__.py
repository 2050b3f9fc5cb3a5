"""What a written message expresses. Start with `perceiver.py`; `model/card.md` says how good it is and where it fails.

perceiver.py    a batch of texts in, a Reading or an Abstention for each out
admission.py    which texts are not read, and why; language.py: is it English?
persons.py      hides who is spoken of; context.py: what came before a short message
choice.py       which model reads: network.py (the encoder, int8 ONNX), light.py (numpy), exported.py (anybody's ONNX)
calibration.py  from logits to probabilities, thresholds, scales and confidence
features.py     the words that carried a label
corpora.py, evaluation.py, report*.py, card.py   public corpora and the figures measured on them
"""

from unspoken.perception.artifacts import ModelUnavailable
from unspoken.perception.text.perceiver import TextPerceiver, shipped
from unspoken.perception.text.signal import TextSignal

__all__ = ["ModelUnavailable", "TextPerceiver", "TextSignal", "shipped"]
