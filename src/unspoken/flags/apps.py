from django.apps import AppConfig


class FlagsConfig(AppConfig):
    name = "unspoken.flags"
    label = "flags"
    verbose_name = "Flags"
