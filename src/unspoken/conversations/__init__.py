"""Inboxes, conversations, messages, assignment, replies.

Start with `models.py`; writes are in `actions/` (one file per verb or family of verbs), reads in `queries.py`.
"""
