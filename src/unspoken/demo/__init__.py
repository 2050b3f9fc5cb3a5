"""The demo: an imagined shop, Hazel & Rook, whose last ninety days were written by hand (`corpus/`).

Start with `written.py` (what was written), `history.py` (how it happened) and `replay.py` (what plays live)."""
