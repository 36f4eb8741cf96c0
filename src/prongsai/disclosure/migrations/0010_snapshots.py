"""Snapshots that stand up: what is signed, which sightings the public log has; texts beside each other; and failures
that are held against nobody."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from prongsai.people.append_only import refuse_changes


class Migration(migrations.Migration):
    dependencies = [
        ("disclosure", "0009_rendered"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Comparison",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("requested_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("rows", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="Sighting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("package", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.CreateModel(
            name="SnapshotBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entry", models.PositiveBigIntegerField(unique=True)),
                ("size", models.PositiveIntegerField()),
                ("root", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.AddField(
            model_name="linkcheck",
            name="excused",
            field=models.CharField(blank=True, db_default="", default="", max_length=12),
        ),
        migrations.AddField(
            model_name="linkcheck",
            name="server",
            field=models.CharField(blank=True, db_default="", default="", max_length=45),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="body_digest",
            field=models.CharField(blank=True, db_default="", default="", db_index=True, max_length=64),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="package",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="url",
            field=models.CharField(blank=True, db_default="", default="", max_length=2000),
        ),
        migrations.AddIndex(
            model_name="linkcheck",
            index=models.Index(fields=["at"], name="link_check_at"),
        ),
        migrations.AddField(
            model_name="comparison",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="comparison",
            name="link",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="disclosure.link"
            ),
        ),
        migrations.AddField(
            model_name="comparison",
            name="snapshot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="disclosure.snapshot"
            ),
        ),
        migrations.AddField(
            model_name="sighting",
            name="snapshot",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="sightings",
                to="disclosure.snapshot",
            ),
        ),
        migrations.AddField(
            model_name="sighting",
            name="batch",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sightings",
                to="disclosure.snapshotbatch",
            ),
        ),
        migrations.AddConstraint(
            model_name="comparison",
            constraint=models.UniqueConstraint(fields=("link", "snapshot"), name="compared_once"),
        ),
        migrations.AddIndex(
            model_name="sighting",
            index=models.Index(condition=models.Q(("batch", None)), fields=["id"], name="sighting_unlogged"),
        ),
        refuse_changes("disclosure_snapshotbatch"),
    ]
