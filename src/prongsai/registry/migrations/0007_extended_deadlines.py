"""A later last day of a phase for one agency."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0006_tables")]

    operations = [
        migrations.CreateModel(
            name="DeadlineExtension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ends", models.DateField(verbose_name="สิ้นสุด")),
                ("reason", models.CharField(max_length=200, verbose_name="เหตุที่ขยายเวลา")),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "phase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="extensions", to="registry.phase"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("phase", "agency"), name="deadline_extended_once")],
            },
        ),
    ]
