"""Writes of rules and flags: one public function per verb, transaction and journal entry inside."""

from .raise_flags import evaluate

__all__ = ["evaluate"]
