"""The staff's pages: plain hypermedia. Start with `urls.py`."""
