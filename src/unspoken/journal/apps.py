from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "unspoken.journal"
    label = "journal"
    verbose_name = "Journal"
