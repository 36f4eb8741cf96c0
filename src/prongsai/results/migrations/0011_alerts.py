"""Mail about what is published: readers without an account, and what each asked for."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0006_tables"),
        ("results", "0010_errata"),
    ]

    operations = [
        migrations.CreateModel(
            name="AlertReader",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.TextField()),
                ("address_digest", models.CharField(max_length=64, unique=True)),
                ("stop_token", models.CharField(max_length=40, unique=True)),
                ("language", models.CharField(max_length=2)),
                ("confirmed_on", models.DateField()),
                ("sent_through", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("province", models.CharField(blank=True, max_length=60)),
                (
                    "topic",
                    models.CharField(
                        choices=[("all", "ผลใหม่และการแก้ไข"), ("results", "ผลใหม่"), ("corrections", "การแก้ไขผล")],
                        max_length=11,
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="alerts", to="results.alertreader"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("reader", "agency"), name="alert_of_agency_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("agency", None)), fields=("reader", "province"), name="alert_of_place_once"
                    ),
                ],
            },
        ),
    ]
