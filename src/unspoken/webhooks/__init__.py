"""Outgoing webhooks by Standard Webhooks: signed, retried with back-off, replayable. Start with `models.py`."""
