from django.apps import AppConfig

WAKE_SECONDS = 15.0
SILENCE_SECONDS = 45.0


class FlagsConfig(AppConfig):
    name = "unspoken.flags"
    label = "flags"
    verbose_name = "Flags"

    def ready(self) -> None:
        from unspoken.journal.periodic import every

        from .actions.decide_flags import wake_snoozed_flags
        from .silence import Watch

        every(WAKE_SECONDS, name="open snoozed flags", work=wake_snoozed_flags)
        every(SILENCE_SECONDS, name="judge who waits in silence", work=Watch().look)
