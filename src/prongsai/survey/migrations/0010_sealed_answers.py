"""Answers sealed to a key whose private half the database and, where it is split, the server do not have. What waits in
the present way is left as it is, and finishes in that way."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0004_assessments"),
        ("survey", "0007_refused_codes"),
    ]

    operations = [
        migrations.CreateModel(
            name="SealingKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_key", models.CharField(max_length=64, unique=True)),
                ("holders", models.JSONField(default=list)),
                ("threshold", models.PositiveSmallIntegerField(default=1)),
                ("created_on", models.DateField(auto_now_add=True)),
                ("given_up_on", models.DateField(null=True)),
                ("lost", models.PositiveIntegerField(null=True)),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registry.round"
                    ),
                ),
            ],
            options={"ordering": ("id",)},
        ),
        migrations.AddField(
            model_name="channel",
            name="unreadable",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="envelope",
            name="sealed_to",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="survey.sealingkey",
            ),
        ),
    ]
