from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "unspoken.live"
    label = "live"
    verbose_name = "Live"
