"""Chatwoot: webhooks in, answers through its API. Start with `connector.py`; the payload is read in `payload.py`."""
