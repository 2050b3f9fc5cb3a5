"""Settings, urls, asgi and the gate before it: the only place that knows every app."""
