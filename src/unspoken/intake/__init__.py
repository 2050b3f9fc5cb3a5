"""The way of a message, from one normalised event to a committed reading. Start with `pipeline.py`."""
