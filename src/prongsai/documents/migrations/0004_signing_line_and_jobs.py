"""The line of positions that signs memos, numbers given later, papers written in the background, what was read back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0003_standard_names"),
        ("registry", "0004_assessments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="documentsettings",
            name="signing_line",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="memo",
            name="reference_number",
            field=models.CharField(blank=True, max_length=60, verbose_name="เลขที่หนังสือ"),
        ),
        migrations.AddField(
            model_name="paper",
            name="notes",
            field=models.JSONField(null=True),
        ),
        migrations.CreateModel(
            name="PaperJob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("fiscal_year", models.PositiveIntegerField()),
                ("content_digest", models.CharField(blank=True, max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[("waiting", "กำลังเขียน"), ("done", "เสร็จแล้ว"), ("failed", "เขียนไม่สำเร็จ")],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("tries", models.PositiveIntegerField(default=0)),
                ("problem", models.TextField(blank=True)),
                ("docx_sha256", models.CharField(blank=True, max_length=64)),
                ("pdf_sha256", models.CharField(blank=True, max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registry.agency"
                    ),
                ),
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
                    "memo",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="jobs", to="documents.memo"
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="documents.paper"
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["agency", "fiscal_year", "kind"], name="paper_job_of_agency")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("memo", None), _negated=True),
                        fields=("memo", "content_digest"),
                        name="memo_written_once",
                    )
                ],
            },
        ),
    ]
