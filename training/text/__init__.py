"""How the shipped text model is made: start with `train.py`, then `export.py` and `calibrate.py` (see README.md)."""
