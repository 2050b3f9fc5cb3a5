"""E-mail: IMAP in, SMTP out. Start with `connector.py`.

In: `imap.py` fetches, `mime.py` takes apart, `automatic.py` and `threads.py` judge, `conversion.py` makes Inbound.
Out: `writing.py` writes the mail, `smtp.py` hands it over. Nothing in a mailbox is ever changed.
"""
