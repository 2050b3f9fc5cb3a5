from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "unspoken.intake"
    label = "intake"
    verbose_name = "Intake"
