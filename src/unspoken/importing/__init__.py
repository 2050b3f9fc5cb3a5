"""Files coming in and going out: messages as CSV, JSON, mail, calls and dialogues; contacts as CSV and vCard.

Start with `opening.py` (what a file is and how it is read), then `messages.py` and `contacts.py` (what becomes of it).
`formats/` cuts a file into pieces, lazily; nothing here holds a whole file in memory.
"""
