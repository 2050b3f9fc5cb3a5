"""Inboxes, conversations, messages, assignment, replies. Start with `models.py`."""
