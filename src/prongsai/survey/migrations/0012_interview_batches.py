"""Interviews of one agency that came in one table."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0006_tables"),
        ("survey", "0011_reopening"),
    ]

    operations = [
        migrations.CreateModel(
            name="InterviewBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("instrument", models.CharField(max_length=20)),
                ("slug", models.CharField(max_length=16)),
                ("size", models.PositiveIntegerField()),
                ("receipts", models.JSONField()),
                ("contents", models.BinaryField()),
                ("digests", models.JSONField(default=list)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "sealed_to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="survey.sealingkey"
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registry.tableupload"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("upload", "agency"), name="interviews_once")],
            },
        ),
    ]
