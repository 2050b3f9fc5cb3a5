"""Choices that the database enforces too."""

from django.db import models


def one_of(field: str, choices: type[models.TextChoices], *, app: str) -> models.CheckConstraint:
    """Return a CHECK constraint that `field` holds one of `choices`."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": list(choices.values)}), name=f"{app}_{field}_known"
    )
