"""Starting Django for a command, once."""

import os

import django
from django.apps import apps


def start_django() -> None:
    """Load the settings and apps; a bad setting ends the command with a sentence that says the mend."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unspoken.config.settings")
    if not apps.ready:
        django.setup()
