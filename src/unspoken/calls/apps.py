from django.apps import AppConfig

SWEEP_SECONDS = 30.0
KEPT_SWEEP_SECONDS = 300.0
LOOK_SECONDS = 2.0


class CallsConfig(AppConfig):
    name = "unspoken.calls"
    label = "calls"
    verbose_name = "Calls"

    def ready(self) -> None:
        from unspoken.journal.periodic import every
        from unspoken.journal.subscribers import subscribe

        from . import deleting
        from .attending import attendant
        from .opening import end_lost_calls
        from .waiting import on_consent, sweep

        every(SWEEP_SECONDS, name="end calls whose line did not come back", work=end_lost_calls)
        every(LOOK_SECONDS, name="listen to recordings that wait", work=attendant.attend)
        every(SWEEP_SECONDS, name="delete recordings that nobody waits for", work=sweep)
        every(KEPT_SWEEP_SECONDS, name="delete recordings that may be kept no longer", work=deleting.sweep)
        subscribe("calls.kept", kinds=["consent.recorded"], handle=deleting.on_consent)
        subscribe("calls.merged", kinds=["contact.merged", "contact.unmerged"], handle=deleting.on_merge)
        subscribe("calls.consent", kinds=["consent.recorded"], handle=on_consent)
