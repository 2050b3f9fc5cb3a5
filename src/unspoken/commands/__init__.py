"""The command line. Start with `main.py`; one module per command."""
