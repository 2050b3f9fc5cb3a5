"""Calls under way: what is heard of them, who may be heard, and what happened on the line.

Start with `happenings.py` (what the telephone systems tell) and `line.py` (what comes of it). Recordings that are
brought: `waiting.py` and `listening.py`; those that are kept: `kept.py`.
"""
