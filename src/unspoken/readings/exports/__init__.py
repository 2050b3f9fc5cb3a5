"""Conversations on their way out, in the words of others: Contact Lens post-call JSON, and EmotionML 1.0.

Start with `files.py` (what a door asks for); `told.py` gathers what both tell of.
"""
