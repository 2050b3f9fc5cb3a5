"""The event stream that keeps open pages moving: it says only what changed, never the content."""
