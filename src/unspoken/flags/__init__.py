"""Rules as data, their back-test, the alert budget, and flags: what needs a person's attention now, and why.

Start with `context.py` (what a rule may look at), `conditions.py` (what it may say) and `purposes.py` (what it may be
for). `actions/raise_flags.py` judges live, `backtest.py` the past: both through `compiled.py` and `ledger.py`.
"""
