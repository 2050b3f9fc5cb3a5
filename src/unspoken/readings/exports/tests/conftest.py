"""Mina, as the tests of the pipeline know her."""

from unspoken.intake.tests.conftest import mina

__all__ = ["mina"]
