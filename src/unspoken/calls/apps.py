from django.apps import AppConfig

SWEEP_SECONDS = 30.0


class CallsConfig(AppConfig):
    name = "unspoken.calls"
    label = "calls"
    verbose_name = "Calls"

    def ready(self) -> None:
        from unspoken.journal.periodic import every

        from .opening import end_lost_calls

        every(SWEEP_SECONDS, name="end calls whose line did not come back", work=end_lost_calls)
