"""Reading the tone of a customer's voice. Start with `perceiver.py`."""
