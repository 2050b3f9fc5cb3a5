from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "unspoken.connectors"
    label = "connectors"
    verbose_name = "Connectors"
