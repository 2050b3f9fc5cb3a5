from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [("people", "0003_leaner_indexes")]

    operations = [
        migrations.AlterField(
            model_name="contact", name="last_seen_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(Coalesce("last_seen_at", "created_at"), models.F("id"), name="contact_by_latest"),
        ),
    ]
