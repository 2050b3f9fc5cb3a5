from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "unspoken.web"
    label = "web"
    verbose_name = "Web"
