from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "unspoken.api"
    label = "api"
    verbose_name = "API"
