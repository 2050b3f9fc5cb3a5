"""From values to what a page shows, as pure functions: words for times and readings, marked text, curves.

Start with `readings.py` (the line beside a message); `templatetags/unspoken.py` hands these to the templates.
"""
