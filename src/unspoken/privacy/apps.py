from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "unspoken.privacy"
    label = "privacy"
    verbose_name = "Privacy"
