from django.apps import AppConfig

READ_PENDING_SECONDS = 5.0


class IntakeConfig(AppConfig):
    name = "unspoken.intake"
    label = "intake"
    verbose_name = "Intake"

    def ready(self) -> None:
        from unspoken.journal.periodic import every

        from .reader import read_pending

        every(READ_PENDING_SECONDS, name="read messages not analysed yet", work=read_pending)
