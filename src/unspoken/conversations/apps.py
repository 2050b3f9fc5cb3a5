from django.apps import AppConfig

WAKE_SECONDS = 15.0


class ConversationsConfig(AppConfig):
    name = "unspoken.conversations"
    label = "conversations"
    verbose_name = "Conversations"

    def ready(self) -> None:
        from unspoken.journal.periodic import every

        from .actions.waking import wake_snoozed

        every(WAKE_SECONDS, name="open snoozed conversations", work=wake_snoozed)
