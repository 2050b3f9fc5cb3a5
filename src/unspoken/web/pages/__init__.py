"""One module per page: translate the request, make one call inward, translate back. `urls.py` lists them."""
