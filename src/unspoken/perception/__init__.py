"""From a raw signal to what it expresses; one folder per sense. No Django, no network, no PyTorch.

Each sense has a `perceiver.py` whose `read(batch)` answers a Reading or an Abstention per signal, in order. Its weights
lie beside it in `model/`, are checked against `SHA256SUMS` (`artifacts.py`) and loaded once, when first needed.
`child.py` is how a model works in a process of its own; `apart.py` has texts read in one.
"""
