"""Genesys AudioHook, version 2: calls of Genesys Cloud in. Start with `talk.py`; `messages.py` has the wire format."""
