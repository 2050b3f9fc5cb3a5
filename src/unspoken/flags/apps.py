from django.apps import AppConfig

WAKE_SECONDS = 15.0


class FlagsConfig(AppConfig):
    name = "unspoken.flags"
    label = "flags"
    verbose_name = "Flags"

    def ready(self) -> None:
        from unspoken.journal.periodic import every

        from .actions.decide_flags import wake_snoozed_flags

        every(WAKE_SECONDS, name="open snoozed flags", work=wake_snoozed_flags)
