"""Writes of rules and flags: one public function per verb, transaction and journal entry inside."""

from .decide_flags import decide_flag, wake_snoozed_flags
from .raise_flags import evaluate
from .rules import disable_rule, enable_rule, save_rule

__all__ = [
    "decide_flag", "disable_rule", "enable_rule", "evaluate",
    "save_rule", "wake_snoozed_flags",
]  # fmt: skip
