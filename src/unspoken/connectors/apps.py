from django.apps import AppConfig

LOOK_SECONDS = 5.0


class ConnectorsConfig(AppConfig):
    name = "unspoken.connectors"
    label = "connectors"
    verbose_name = "Connectors"

    def ready(self) -> None:
        from unspoken.journal.periodic import every
        from unspoken.journal.subscribers import subscribe

        from .handlers import send_reply
        from .polling import look_everywhere

        subscribe("connectors.send", kinds=["reply.queued"], handle=send_reply)
        every(LOOK_SECONDS, name="look for new messages in mailboxes", work=look_everywhere)
