from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "unspoken.conversations"
    label = "conversations"
    verbose_name = "Conversations"
