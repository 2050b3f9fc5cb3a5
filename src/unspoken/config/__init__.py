"""Settings, urls, asgi: the only place that knows every app."""
