"""Receipts as they were issued, and where a publication stands in the public log."""

import django.db.models.deletion
from django.db import migrations, models

from prongsai.people.append_only import refuse_changes


class Migration(migrations.Migration):
    dependencies = [
        ("results", "0007_jobs_of_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="LoggedPublication",
            fields=[
                (
                    "publication",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="logged",
                        serialize=False,
                        to="results.publication",
                    ),
                ),
                ("entry", models.PositiveBigIntegerField()),
                ("receipts", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="IssuedReceipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                (
                    "publication",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="results.publication"
                    ),
                ),
                (
                    "result",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="results.agencyresult"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["result"], name="results_iss_result__566056_idx")],
                "constraints": [
                    models.UniqueConstraint(fields=("publication", "position"), name="receipt_position_once")
                ],
            },
        ),
        refuse_changes("results_loggedpublication"),
        refuse_changes("results_issuedreceipt"),
    ]
