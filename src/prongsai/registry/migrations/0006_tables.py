"""Tables that go out and come back: what was written, what came back, its rows; why an agency is left out of a round."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0005_lists_read_in_background"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TableFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("stored_as", models.CharField(max_length=60)),
                ("count", models.PositiveIntegerField()),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.assessment"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registry.round"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TableUpload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("file_name", models.CharField(max_length=200)),
                ("file_digest", models.CharField(max_length=64)),
                ("stored_as", models.CharField(max_length=60)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("reading", "กำลังอ่าน"),
                            ("waiting", "รอยืนยัน"),
                            ("applying", "กำลังบันทึก"),
                            ("done", "บันทึกแล้ว"),
                            ("undoing", "กำลังย้อนคืน"),
                            ("dropped", "ยกเลิก"),
                        ],
                        default="reading",
                        max_length=8,
                    ),
                ),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("unread", models.JSONField(default=list)),
                ("problem_file", models.CharField(blank=True, max_length=60)),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.assessment"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registry.round"
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Exclusion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=200, verbose_name="เหตุที่ไม่อยู่ในรอบ")),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.agency"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="registry.round"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("round", "agency"), name="excluded_once")],
            },
        ),
        migrations.CreateModel(
            name="TableRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("rank", models.PositiveSmallIntegerField(default=0)),
                ("place", models.CharField(max_length=120, verbose_name="ตำแหน่ง")),
                ("key", models.CharField(max_length=254)),
                ("title", models.CharField(max_length=240)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("added", "เพิ่ม"),
                            ("changed", "เปลี่ยน"),
                            ("same", "เหมือนเดิม"),
                            ("asked", "รอคำตอบ"),
                            ("refused", "ไม่รับ"),
                            ("conflict", "ขัดกัน"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("", "ยังไม่บันทึก"), ("applied", "บันทึกแล้ว"), ("undone", "ย้อนคืนแล้ว")],
                        default="",
                        max_length=8,
                    ),
                ),
                ("cells", models.JSONField()),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(default=dict)),
                ("reason", models.CharField(blank=True, max_length=600)),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="registry.tableupload"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["upload", "state", "outcome"], name="registry_ta_upload__81024c_idx")],
                "constraints": [models.UniqueConstraint(fields=("upload", "position"), name="row_once")],
            },
        ),
    ]
