"""Errata: why a publication corrected what was public before, and of whom."""

import django.db.models.deletion
from django.db import migrations, models

from prongsai.people.append_only import refuse_changes


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0005_lists_read_in_background"),
        ("results", "0009_what_tables_say"),
    ]

    operations = [
        migrations.CreateModel(
            name="Erratum",
            fields=[
                (
                    "publication",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="erratum",
                        serialize=False,
                        to="results.publication",
                    ),
                ),
                ("reason", models.CharField(max_length=600, verbose_name="เหตุผลของการแก้ไข")),
                ("agencies", models.PositiveIntegerField()),
                ("moved", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="CorrectedResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ranks", models.JSONField()),
                (
                    "after",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="results.agencyresult",
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "before",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="results.agencyresult"
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="results.publication"
                    ),
                ),
                (
                    "erratum",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="results", to="results.erratum"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("erratum", "agency"), name="corrected_once")],
            },
        ),
        refuse_changes("results_erratum"),
        refuse_changes("results_correctedresult"),
    ]
