"""The demo's two telephone calls: written by us, spoken by espeak-ng. Start with `words.py`; `README.md` says more."""
