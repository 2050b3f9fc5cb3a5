"""From what a system delivers to the author's own words: `html.py` (markup to lines), `stripping.py` (quotes apart)."""
