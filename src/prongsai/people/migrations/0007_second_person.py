"""What one person of the office proposed and a second is to confirm."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0006_encrypted_factors"),
    ]

    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("act", models.CharField(max_length=80)),
                ("subject", models.CharField(max_length=40)),
                ("arguments", models.JSONField()),
                ("title", models.CharField(max_length=200)),
                ("about", models.CharField(max_length=200)),
                ("reason", models.CharField(blank=True, max_length=600)),
                ("assessment", models.CharField(max_length=20)),
                ("url", models.CharField(max_length=300)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)), fields=("act", "subject"), name="one_open_proposal"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("confirmed_by", models.F("by")), _negated=True), name="confirmed_by_another"
                    ),
                ],
            },
        ),
    ]
