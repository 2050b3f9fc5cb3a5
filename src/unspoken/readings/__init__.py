"""Stored readings, human corrections, trajectories, baselines and states. The only app that calls `perception`.

Start with `models.py`; writes are in `actions/`, reads in `queries.py`. `stored.py` turns rows into `affect.Reading`
and back, `turns.py` a conversation into turns; `handlers.py` says what replies and merges of contacts entail.
"""
