"""Contacts, organisations, identities on every channel, merging; purchases, returns, preferences, visits.

Start with `models.py`; writes are in `actions/`, reads in `queries.py`.
"""
