"""A job knows the identifier of the request that queued it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0002_from_the_old_queue"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="request_id",
            field=models.CharField(max_length=64, null=True),
        ),
    ]
