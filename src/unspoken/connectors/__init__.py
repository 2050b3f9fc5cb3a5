"""One folder per outside system; found by looking, no central list. Start with `base.py`."""
