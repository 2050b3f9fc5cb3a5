"""The staff's pages: plain hypermedia that works without a script and moves by itself with one.

Start with `urls.py` and `pages/` (one module per page; `door.py` is what each does first). `showing/` turns values into
words, marks and curves, as pure functions; `forms/` says what is asked for; `static/elements/` holds one custom
element a file. A page's parts (`page.html#part`) are what htmx asks for anew when `/live/events` says they changed.
"""
