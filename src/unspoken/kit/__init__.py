"""Our few additions to Django, each a named module. No domain.

`prepared`: queries compiled once; `rows`: many rows written in one round trip; `ids`: prefixed, time-ordered keys;
`clock`: the one place that reads the time; `constraints`:
choices that the database keeps; `keyset`: pages by key; `addresses`: which of the network are public.
"""
