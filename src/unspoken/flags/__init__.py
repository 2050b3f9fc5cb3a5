"""Rules as data, their back-test, the alert budget, and flags: what needs a person's attention now, and why.

Start with `conditions.py` (what a rule may say) and `models.py`.
"""
