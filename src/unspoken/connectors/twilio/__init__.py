"""Twilio Media Streams, and systems that speak nearly the same: calls in. Start with `talk.py`."""
