import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from unspoken.kit.indexes import DropForeignKeyIndexes


def foreign_key(to, related_name, *, cascade=False, **options):
    on_delete = django.db.models.deletion.CASCADE if cascade else django.db.models.deletion.SET_NULL
    return models.ForeignKey(db_index=False, on_delete=on_delete, related_name=related_name, to=to, **options)


EMPTY = {"null": True, "blank": True}


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0002_queue_order"),
        ("people", "0003_leaner_indexes"),
        ("staff", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.RemoveIndex(model_name="conversation", name="conversation_team_queue"),
        migrations.RemoveIndex(model_name="conversation", name="conversation_recent"),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["team", "status", "-attention", "-last_message_at", "-id", "assignee"],
                name="conversation_team_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["team", "-last_message_at", "-id"], name="conversation_recent"),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                DropForeignKeyIndexes("conversations_conversation", ["contact_id", "team_id", "assignee_id"]),
                DropForeignKeyIndexes("conversations_message", ["conversation_id"]),
            ],
            state_operations=[
                migrations.AlterField("conversation", "assignee", foreign_key(settings.AUTH_USER_MODEL, "conversations", **EMPTY)),
                migrations.AlterField("conversation", "contact", foreign_key("people.contact", "conversations", cascade=True, **EMPTY)),
                migrations.AlterField("conversation", "team", foreign_key("staff.team", "conversations", **EMPTY)),
                migrations.AlterField("message", "conversation", foreign_key("conversations.conversation", "messages", cascade=True)),
            ],
        ),
    ]
