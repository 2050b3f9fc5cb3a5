"""Tests that cut across packages. Unit tests lie beside the code; `python -m tests` runs them all on both databases."""
