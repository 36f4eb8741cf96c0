"""Files and tables beside pages, and the ZIP of a section. What a page shows in a version is append-only."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from prongsai.people.append_only import refuse_changes


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0006_tables"),
        ("sites", "0002_unchangeable"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PagePart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("element", models.TextField()),
                ("title", models.CharField(max_length=200, verbose_name="ชื่อที่แสดง")),
                ("file_name", models.CharField(max_length=200)),
                ("stored_as", models.CharField(blank=True, max_length=60)),
                ("size", models.PositiveIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("columns", models.JSONField(default=list)),
                ("rows", models.JSONField(default=list)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sites.itempage"
                    ),
                ),
                ("versions", models.ManyToManyField(related_name="parts", to="sites.pageversion")),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="SectionExport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stored_as", models.CharField(max_length=60)),
                ("size", models.PositiveBigIntegerField()),
                ("pages", models.PositiveIntegerField()),
                ("at", models.DateTimeField(auto_now=True)),
                (
                    "agency",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TableDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("element", models.TextField()),
                ("title", models.CharField(max_length=200)),
                ("file_name", models.CharField(max_length=200)),
                ("columns", models.JSONField()),
                ("rows", models.JSONField()),
                ("problems", models.JSONField()),
                ("at", models.DateTimeField(auto_now=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sites.itempage"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("page", "by"), name="table_draft_once")],
            },
        ),
        refuse_changes("sites_pagepart"),
        refuse_changes("sites_pagepart_versions"),
    ]
