from django.apps import AppConfig


class ReadingsConfig(AppConfig):
    name = "unspoken.readings"
    label = "readings"
    verbose_name = "Readings"

    def ready(self) -> None:
        from .handlers import register

        register()
