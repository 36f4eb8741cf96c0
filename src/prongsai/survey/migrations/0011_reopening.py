"""Surveys of agencies that were opened again after the seal, with channels of their own."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0005_lists_read_in_background"),
        ("survey", "0010_signal_report"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="left_out",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="seal",
            name="replaces",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="survey.seal"
            ),
        ),
        migrations.CreateModel(
            name="SurveyReopening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "ground",
                    models.CharField(
                        choices=[("appeal", "รับอุทธรณ์"), ("court", "คำสั่งศาล"), ("audit", "คำสั่งหรือข้อทักท้วงของผู้ตรวจสอบ")],
                        max_length=6,
                        verbose_name="อาศัย",
                    ),
                ),
                ("number", models.CharField(max_length=80, verbose_name="เลขที่")),
                ("dated", models.DateField(verbose_name="ลงวันที่")),
                ("reason", models.CharField(max_length=600, verbose_name="เหตุผล")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("closes_on", models.DateField(verbose_name="รับคำตอบถึงวันที่")),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "resealed",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="survey.seal"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.round"
                    ),
                ),
                (
                    "seal",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="survey.seal"),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.AddField(
            model_name="channel",
            name="reopening",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="channels",
                to="survey.surveyreopening",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyreopening",
            constraint=models.UniqueConstraint(
                condition=models.Q(("resealed", None)), fields=("round", "agency"), name="survey_reopened_once"
            ),
        ),
    ]
