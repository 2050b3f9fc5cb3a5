"""One module per way of writing things down: each cuts a file into pieces and turns a piece into messages or cards.

`pieces` is cheap, so that a resumed import passes over what is done; `messages` does the work.
"""
