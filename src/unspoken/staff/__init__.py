"""Members, teams, roles and API tokens. One organisation per installation. Start with `models.py`."""
