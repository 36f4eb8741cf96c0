"""Editions of rules, which the database refuses to change; rulebooks; rehearsals."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from prongsai.people.append_only import refuse_changes


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("assessment", models.CharField(max_length=20)),
                ("fiscal_year", models.PositiveIntegerField()),
                ("digest", models.CharField(db_index=True, max_length=64)),
                ("arithmetic_digest", models.CharField(max_length=64)),
                ("wording_digest", models.CharField(max_length=64)),
                ("content", models.JSONField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("created_at", "key"),
            },
        ),
        migrations.CreateModel(
            name="Rehearsal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("previous_year", models.PositiveIntegerField()),
                ("parcels", models.CharField(max_length=300)),
                ("agencies", models.JSONField(default=list)),
                (
                    "status",
                    models.CharField(
                        choices=[("waiting", "รอคำนวณ"), ("ready", "เสร็จแล้ว"), ("failed", "คำนวณไม่ได้")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("summary", models.JSONField(default=dict)),
                ("table", models.CharField(blank=True, max_length=200)),
                ("problem", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("ready_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rehearsals", to="rulebooks.edition"
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Rulebook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("assessment", models.CharField(max_length=20)),
                ("fiscal_year", models.PositiveIntegerField(verbose_name="ปีงบประมาณ")),
                ("announced_on", models.DateField(null=True, verbose_name="วันที่ประกาศ")),
                ("pinned", models.CharField(blank=True, max_length=64)),
                (
                    "current",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rulebooks.edition"
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rulebooks.edition"
                    ),
                ),
            ],
            options={
                "ordering": ("-fiscal_year",),
            },
        ),
        migrations.CreateModel(
            name="Announcement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("rules", "ประกาศหลักเกณฑ์"), ("wording", "แก้ถ้อยคำ"), ("withdrawal", "ถอนประกาศ")],
                        max_length=10,
                    ),
                ),
                ("on", models.DateField(verbose_name="มีผลวันที่")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="เหตุผล")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rulebooks.edition"
                    ),
                ),
                (
                    "rulebook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="announcements",
                        to="rulebooks.rulebook",
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.AddConstraint(
            model_name="rulebook",
            constraint=models.UniqueConstraint(fields=("assessment", "fiscal_year"), name="rulebook_once"),
        ),
        refuse_changes("rulebooks_edition"),
    ]
