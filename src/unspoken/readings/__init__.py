"""Stored readings, human corrections, trajectories, baselines and states. The only app that calls `perception`.

Start with `models.py`; writes are in `actions/`, reads in `queries.py`.
"""
