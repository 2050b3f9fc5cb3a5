"""Our own plain protocol, for telephone systems without one of their own: calls in. Start with the `README.md`."""
