from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "unspoken.webhooks"
    label = "webhooks"
    verbose_name = "Webhooks"

    def ready(self) -> None:
        from .handlers import register

        register()
