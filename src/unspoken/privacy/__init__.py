"""Consents: what a contact permits, per modality and purpose, and the gate that every reading passes.

Start with `models.py`; the gate is `queries.permissions` (before the model) and `queries.still_permitted` (at commit).
"""
