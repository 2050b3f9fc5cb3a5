"""One folder per outside system; found by looking, no central list. Start with `base.py`.

What comes in: `pages.py` (web deliveries) and `polling.py` (mailboxes). What goes out: `handlers.py`. A folder holds
`connector.py`, `settings_form.py`, a `README.md` for the operator and its tests.
"""
