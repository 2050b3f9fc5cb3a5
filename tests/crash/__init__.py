"""Killing real processes under load: what was acknowledged is there, exactly once. Start with `test_kill.py`."""
