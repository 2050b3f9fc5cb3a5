"""Members, teams, roles and API tokens. One organisation per installation.

Start with `models.py`; `permissions.py` says what each role may do, `sight.py` whose conversations a member may see;
writes are in `actions/`, reads in `queries.py`.
"""
