"""Calls over real sockets to a real server, on good days and bad. Start with `test_streams.py`."""
