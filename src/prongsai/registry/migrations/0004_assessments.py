"""Assessments above the years: agencies, rounds and lists belong to one; what exists belongs to the national one."""

import django.db.models.deletion
from django.db import migrations, models

from prongsai import framework

NATIONAL = "ita"


def create_national_assessment(apps, _editor):
    apps.get_model("registry", "Assessment").objects.create(
        slug=NATIONAL,
        name_th="การประเมินคุณธรรมและความโปร่งใสในการดำเนินงานของหน่วยงานภาครัฐ (ITA)",
        name_en="Integrity and Transparency Assessment (ITA)",
        owner="สำนักงาน ป.ป.ช.",
    )


def pin_rules_of_rounds(apps, _editor):
    """Rounds that exist use rules that may not change any more but in their wording."""
    for assessment_round in apps.get_model("registry", "Round").objects.all():
        year, pinned = assessment_round.fiscal_year, assessment_round.framework_digest
        if (NATIONAL, year) in framework.available():
            shipped = framework.load(NATIONAL, year)
            pinned = shipped.arithmetic_digest if shipped.is_edition(pinned) else pinned
        rulebooks = apps.get_model("rulebooks", "Rulebook").objects
        rulebooks.update_or_create(assessment=NATIONAL, fiscal_year=year, defaults={"pinned": pinned})


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0003_versions_and_positions"),
        ("rulebooks", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "slug",
                    models.SlugField(max_length=20, primary_key=True, serialize=False, verbose_name="ชื่อย่อในที่อยู่เว็บ"),
                ),
                ("name_th", models.CharField(max_length=200, verbose_name="ชื่อการประเมิน")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="ชื่ออังกฤษ")),
                ("owner", models.CharField(blank=True, max_length=200, verbose_name="ผู้จัดการประเมิน")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ("created_at",),
            },
        ),
        migrations.RunPython(create_national_assessment, migrations.RunPython.noop, elidable=False),
        migrations.RemoveField(
            model_name="round",
            name="framework",
        ),
        migrations.AlterField(
            model_name="round",
            name="fiscal_year",
            field=models.PositiveIntegerField(verbose_name="ปีงบประมาณ"),
        ),
        migrations.AddField(
            model_name="agency",
            name="assessment",
            field=models.ForeignKey(
                default="ita", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.assessment"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="agencyimport",
            name="assessment",
            field=models.ForeignKey(
                default="ita", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.assessment"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="round",
            name="assessment",
            field=models.ForeignKey(
                default="ita", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.assessment"
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.UniqueConstraint(fields=("assessment", "fiscal_year"), name="round_once"),
        ),
        migrations.RunPython(pin_rules_of_rounds, migrations.RunPython.noop, elidable=False),
    ]
