"""The signals of stuffing of a round as a worker last found them: a nation's answers take longer than a page may."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0004_assessments"),
        ("survey", "0009_rights_to_answer"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignalReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("found_at", models.DateTimeField()),
                ("signals", models.JSONField()),
                (
                    "round",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registry.round"
                    ),
                ),
            ],
        ),
    ]
