import django.db.models.deletion
from django.db import migrations, models

from unspoken.kit.indexes import DropForeignKeyIndexes

LISTS = {"note": "notes", "order": "orders", "preferencechange": "preference_changes", "return": "returns", "visit": "visits"}


class Migration(migrations.Migration):
    dependencies = [("people", "0002_preferences_and_history")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                DropForeignKeyIndexes("people_contact", ["merged_into_id"]),
                *(DropForeignKeyIndexes(f"people_{model}", ["contact_id"]) for model in LISTS),
            ],
            state_operations=[
                migrations.AlterField(
                    "contact", "merged_into",
                    models.ForeignKey(
                        blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL,
                        related_name="absorbed", to="people.contact",
                    ),
                ),
                *(
                    migrations.AlterField(
                        model, "contact",
                        models.ForeignKey(
                            db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name=name,
                            to="people.contact",
                        ),
                    )
                    for model, name in LISTS.items()
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)), fields=["merged_into"], name="contact_merged"
            ),
        ),
    ]
