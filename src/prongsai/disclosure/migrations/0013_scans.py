"""Scans: which snapshots wait to be read by OCR, and what was read of each."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("disclosure", "0012_province_languages"),)
    operations = (
        migrations.AddField("Snapshot", "scan_since", models.DateTimeField(db_index=True, null=True)),
        migrations.AddField(
            "Snapshot", "scan", models.CharField(blank=True, db_default="", db_index=True, default="", max_length=64)
        ),
        migrations.AddField(
            "Snapshot", "scan_problem", models.CharField(blank=True, db_default="", default="", max_length=300)
        ),
    )
