"""The REST door: `/api/v1`, OpenAPI 3.1, tokens, cursor pagination, problem+json. Start with `urls.py`."""
